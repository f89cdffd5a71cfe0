"""What a child and who decides with them read in mail: short, and about nobody's data."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

# Title and text, by what happened and to whom it is told.
_NEWS: Mapping[str, tuple[Promise, Promise]] = {
    "requested": (
        later("%(child)s asks you about %(app)s"),
        later(
            "%(child)s would like %(app)s to see some data. Nothing is shared until you answer. The"
            " question waits until %(when)s."
        ),
    ),
    "approved": (
        later("You may go on with %(app)s"),
        later(
            "Your parent or guardian said yes. Open %(app)s and connect it again: you see what was"
            " allowed, and still choose yourself."
        ),
    ),
    "refused": (
        later("Your parent or guardian said no to %(app)s"),
        later("Nothing was shared. If you think that this is wrong, talk to them."),
    ),
    "given": (
        later("%(child)s shares with %(app)s now"),
        later(
            "You had allowed it. It ends on %(when)s. You can see what is shared, and stop it, at"
            " any time. The data itself you do not see."
        ),
    ),
    "begun.child": (
        later("%(guardian)s decides with you now"),
        later(
            "Meridian linked %(guardian)s to your account. Before an app may see your data,"
            " %(guardian)s is asked and sees what you share, not the data itself. You can always"
            " stop an app yourself. Is this wrong? Call %(phone)s."
        ),
    ),
    "begun.guardian": (
        later("You decide with %(child)s now"),
        later(
            "Before an app may see data of %(child)s, you are asked. You see what is shared and can"
            " stop it. The data itself you do not see."
        ),
    ),
    "of_age.child": (
        later("You decide about your data alone now"),
        later(
            "You have come of age here. %(guardian)s no longer decides with you and sees nothing of"
            " what you share. What was allowed goes on for 90 days at most: connect an app again to"
            " keep it."
        ),
    ),
    "of_age.guardian": (
        later("%(child)s decides alone now"),
        later(
            "%(child)s has come of age here. You are no longer asked, and no longer see what is"
            " shared. What you allowed goes on for 90 days at most, unless %(child)s agrees anew."
        ),
    ),
    "ended.child": (
        later("%(guardian)s no longer decides with you"),
        later(
            "What was allowed is paused at once: no app sees it until another parent or guardian"
            " says yes. Is this wrong? Call %(phone)s."
        ),
    ),
    "ended.guardian": (
        later("You no longer decide with %(child)s"),
        later("What you had allowed is paused at once. Is this wrong? Call %(phone)s."),
    ),
    "birth.child": (
        later("Your date of birth was changed"),
        later(
            "Somebody at Meridian changed the date of birth of your account, in the case %(case)s."
            " Did nobody ask for that? Call %(phone)s at once."
        ),
    ),
    "birth.guardian": (
        later("The date of birth of %(child)s was changed"),
        later(
            "Somebody at Meridian changed it, in the case %(case)s. Did nobody ask for that? Call"
            " %(phone)s at once."
        ),
    ),
}


def news(what: str, **named: str) -> dict[str, str | int]:
    """Return the words of a message in the language that is spoken now."""
    title, text = _NEWS[what]
    words = {"phone": settings.HOLDER["phone"], **named}
    return {
        "title": title % words,
        "text": text % words,
        "action": _("Look at it and answer") if what == "requested" else _("See it"),
    }
