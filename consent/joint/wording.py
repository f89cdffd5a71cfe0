"""What other holders of a thing read: which app it is, and never which thing."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

# Title and text, by what happened.
_NEWS: Mapping[str, tuple[Promise, Promise]] = {
    "shared": (
        later("%(person)s shares something with %(app)s that you hold, too"),
        later(
            "You need not do anything. On your page you see what it is and until when, and you can"
            " stop it at any time, for all of you."
        ),
    ),
    "ended": (
        later("%(person)s no longer shares with %(app)s what you hold, too"),
        later("You need not do anything."),
    ),
}


def news(what: str, *, person: str, app: str) -> dict[str, str | int]:
    """Return the words of a message in the language that is spoken now."""
    title, text = _NEWS[what]
    named = {"person": person, "app": app}
    return {"title": title % named, "text": str(text), "action": _("See or stop it")}
