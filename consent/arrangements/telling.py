"""Whether a company has heard that a sharing ended: its webhooks, with the time of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from consent.arrangements import moments
from consent.arrangements.models import Arrangement
from partners.webhooks.models import Attempt, Message
from portal.events.models import Event

_ENDINGS = (
    "consent.arrangement.withdrawn",
    "consent.arrangement.revoked",
    "consent.arrangement.expired",
    "consent.arrangement.invalidated",
)


@dataclass(frozen=True, slots=True)
class Telling:
    """`told_at` is the time of day at which the company's system took the news."""

    told_at: str = ""
    is_on_its_way: bool = False


def telling_of(arrangement: Arrangement, *, zone: str) -> Telling:
    """Return what became of the news; without a webhook the company is told by mail alone."""
    end = Event.objects.about(arrangement).filter(kind__in=_ENDINGS).order_by("-pk").first()
    if end is None:
        return Telling()
    sent = Message.objects.filter(event=end)
    answered = Attempt.objects.filter(message__in=sent, outcome="delivered")
    first: datetime | None = (
        answered.order_by("started_at").values_list("started_at", flat=True).first()
    )
    if first is not None:
        return Telling(told_at=moments.clock(first, zone))
    is_waiting = sent.waiting().exists() or end.deliveries.filter(delivered_at=None).exists()
    return Telling(is_on_its_way=is_waiting)
