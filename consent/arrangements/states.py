"""In which state a sharing is, in words and with a sign: never by colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from consent.arrangements import moments
from consent.arrangements.models import Arrangement, Attention
from consent.arrangements.vocabulary import OF_AGE


@dataclass(frozen=True, slots=True)
class State:
    code: str
    label: Promise
    icon: str
    tone: str


_STATES = {
    state.code: state
    for state in (
        State("active", later("Sharing"), "check-circle", "success"),
        State("paused", later("Paused by you"), "minus", "neutral"),
        State("unguarded", later("Waits for a parent"), "users", "warning"),
        State("suspended", later("Paused by Meridian"), "alert", "warning"),
        State("ended", later("Ended"), "stop", "neutral"),
    )
}


def state_of(arrangement: Arrangement, *, at: datetime) -> State:
    if not arrangement.is_running(at=at):
        return _STATES["ended"]
    if arrangement.is_paused(at=at):
        return _STATES["unguarded" if arrangement.pause_reason else "paused"]
    return _STATES["suspended" if _is_suspended(arrangement) else "active"]


def attention_words(arrangement: Arrangement, *, at: datetime) -> str:
    """Return why it is worth a look, and that doing nothing is all right.

    The arrangement comes from `with_attention`, which knows the cause.
    """
    when = {
        "app": arrangement.client.application.name,
        "when": moments.in_how_long(arrangement.ends_at, at),
        "day": moments.day(arrangement.ends_at, arrangement.customer.user.time_zone),
    }
    match getattr(arrangement, "attention", ""):
        case Attention.ASKED_AGAIN if arrangement.reconsent_notice == OF_AGE:
            words = _(
                "You are old enough to decide alone now. Open %(app)s to keep sharing; otherwise it"
                " ends %(when)s, on %(day)s."
            )
        case Attention.GUARDIAN_GONE:
            words = _(
                "Who said yes with you no longer decides with you. %(app)s sees nothing until"
                " another parent or guardian says yes."
            )
        case Attention.ASKED_AGAIN:
            words = _(
                "What you agreed to has changed. Open %(app)s to agree anew; otherwise it ends"
                " %(when)s, on %(day)s."
            )
        case Attention.APP_SUSPENDED:
            words = _("We look into this app. It cannot see your data meanwhile.")
        case Attention.ENDS_SOON:
            words = _("Ends %(when)s, on %(day)s. You need not do anything.")
        case _other:
            return ""
    return words % when


def _is_suspended(arrangement: Arrangement) -> bool:
    application = arrangement.client.application
    return "suspended" in {application.status, application.organization.status}
