"""The conditions of an access: which there are, how two people's add up, how they are met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from partners.subscriptions.events import SubscriptionEvent
from partners.subscriptions.models import Condition, Subscription
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, NotAllowed
from portal.events.log import record

Kind = Condition.Kind


@dataclass(frozen=True, slots=True)
class Term:
    """A condition before there is an access: something due at an instant, or a limit."""

    kind: Kind
    due_at: datetime | None = None
    call_count: int | None = None

    def as_json(self) -> dict[str, object]:
        due = self.due_at.astimezone(UTC).isoformat() if self.due_at else None
        return {"kind": self.kind.value, "due_at": due, "call_count": self.call_count}

    def in_words(self) -> str:
        if self.due_at is None:
            return f"at most {self.call_count:,} calls a day"
        return f"{self.kind.label.lower()} by {self.due_at:%-d %B %Y, %H:%M} UTC"

    @classmethod
    def from_json(cls, kept: dict[str, object]) -> Term:
        due, count = kept["due_at"], kept["call_count"]
        return cls(
            Kind(str(kept["kind"])),
            datetime.fromisoformat(str(due)) if due else None,
            int(str(count)) if count else None,
        )


def strictest(terms: Iterable[Term]) -> list[Term]:
    """Return one term of each kind: the earliest day, the smallest limit."""
    found: dict[Kind, Term] = {}
    for term in terms:
        known = found.get(term.kind)
        if known is None or _pressing(term) < _pressing(known):
            found[term.kind] = term
    return [found[kind] for kind in sorted(found)]


def impose(subscription: Subscription, terms: Sequence[Term]) -> None:
    """Bind a new access to its terms, in the transaction that gives it."""
    Condition.objects.bulk_create(
        Condition(
            subscription=subscription,
            kind=term.kind,
            due_at=term.due_at,
            call_count=term.call_count,
        )
        for term in strictest(terms)
    )


@transaction.atomic
def meet_condition(condition: Condition, *, by: Actor) -> None:
    """Take what was owed as done: what was held back works again, with the same credentials."""
    require(by, Permission.REVIEW)
    client = condition.subscription.client
    organization_id = client.application.organization_id
    if organization_id in by.memberships:
        raise NotAllowed("You belong to the organization, so somebody else must decide.")
    owed = Condition.objects.owed().filter(pk=condition.pk)
    if not owed.update(met_at=timezone.now(), met_by=by.person_id):
        raise Conflict("This was taken as met before.", code="already_met")
    record(
        SubscriptionEvent.CONDITION_MET,
        condition.subscription,
        by=by,
        organization_id=organization_id,
        client_id=client.client_id,
        application=client.application.slug,
        condition=condition.kind,
    )


def _pressing(term: Term) -> float:
    return term.due_at.timestamp() if term.due_at else float(term.call_count or 0)
