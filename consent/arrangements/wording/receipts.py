"""What a receipt is called, and how its lines begin."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from consent.arrangements.events import ArrangementEvent

_PROOF = later("A record of what you agreed to, for you to keep.")
_PROOF_OF_END = later("A record of the end of this sharing, for you to keep.")
_GIVEN = later("Receipt for your consent")
_CHANGED = later("Receipt for your change")
_ENDED = later("Receipt for the end")
# (title, lead, what happened, whether sharing ended)
_RECEIPTS: dict[ArrangementEvent, tuple[Promise, Promise, Promise, bool]] = {
    ArrangementEvent.GIVEN: (_GIVEN, _PROOF, later("Given"), False),
    ArrangementEvent.AMENDED: (_GIVEN, _PROOF, later("Changed"), False),
    ArrangementEvent.EXTENDED: (_GIVEN, _PROOF, later("Made longer"), False),
    ArrangementEvent.RENEWED: (_GIVEN, _PROOF, later("Given again"), False),
    ArrangementEvent.NARROWED: (_CHANGED, _PROOF, later("Changed"), False),
    ArrangementEvent.SHORTENED: (_CHANGED, _PROOF, later("Made shorter"), False),
    ArrangementEvent.PAUSED: (
        later("Receipt for the pause"),
        later("A record of the pause, for you to keep. While it lasts, the app sees nothing."),
        later("Paused"),
        False,
    ),
    ArrangementEvent.RESUMED: (
        later("Receipt for the end of the pause"),
        later("A record that the app goes on, for you to keep."),
        later("Resumed"),
        False,
    ),
    ArrangementEvent.WITHDRAWN: (
        later("Receipt for stopping"),
        _PROOF_OF_END,
        later("Stopped by you"),
        True,
    ),
    ArrangementEvent.REVOKED: (_ENDED, _PROOF_OF_END, later("Ended by Meridian"), True),
    ArrangementEvent.EXPIRED: (_ENDED, _PROOF_OF_END, later("Ended by itself"), True),
    ArrangementEvent.INVALIDATED: (_ENDED, _PROOF_OF_END, later("Ended by Meridian"), True),
}
_HAPPENED = {
    "replaced": later("Replaced by what you agreed to next"),
    "guardian": later("Stopped by a parent or guardian"),
    "support": later("Stopped by Meridian, as you asked"),
    "application": later("Given back by the app"),
    "unclaimed": later("Ended, as the app did not finish connecting"),
}


def receipt_words(kind: str, *, reason: str = "") -> dict[str, str | bool]:
    """Return what a receipt of that event is called and how its lines begin."""
    title, lead, happened, is_end = _RECEIPTS[ArrangementEvent(kind)]
    happened = _HAPPENED.get(reason, happened)
    return {
        "title": str(title),
        "lead": str(lead),
        "with": _("Was shared with") if is_end else _("Shared with"),
        "happened": str(happened),
        "is_end": is_end,
    }
