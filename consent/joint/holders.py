"""Who holds what together, and who of them shares it with whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from consent.arrangements.access import EVERY
from consent.arrangements.models import Arrangement, Customer, Item
from consent.arrangements.picking import Selectable, kinds, selectable
from partners.applications.models import Application
from portal.errors import NotFound


class NotHeldTogether(NotFound):
    """The person does not hold this, or nobody else does."""

    code = "not_held_together"


@dataclass(frozen=True, slots=True)
class Joint:
    """One thing that a customer holds with others, as who keeps it says now."""

    kind: str
    thing: Selectable

    @property
    def name(self) -> str:
        """Return what forms and addresses call it."""
        return f"{self.kind}:{self.thing.reference}"

    def is_in(self, item: Item) -> bool:
        """Whether the item of another holder is about it."""
        if item.cluster.resources.get("kind") != self.kind:
            return False
        return bool({EVERY, self.thing.reference}.intersection(item.resources or ()))


def held_with_others(customer: Customer) -> list[Joint]:
    """Return what the customer holds with others; each keeper of things is asked once."""
    return [
        Joint(kind, thing)
        for kind in kinds()
        for thing in selectable(customer, kind)
        if thing.holders
    ]


def find_joint(customer: Customer, kind: str, reference: str) -> Joint | None:
    held = held_with_others(customer)
    return next((one for one in held if (one.kind, one.thing.reference) == (kind, reference)), None)


def items_about(things: Iterable[Joint], *, at: datetime) -> QuerySet[Item]:
    """Return what other holders share now of things like these; `is_in` says of which."""
    holders = {holder for one in things for holder in one.thing.holders}
    return Item.objects.filter(
        version__arrangement__in=Arrangement.objects.running(at=at).filter(customer__in=holders),
        version__number=F("version__arrangement__version_number"),
        resources__isnull=False,
    )


def arrangements_about(
    one: Joint, application: Application, holders: Collection[int], *, at: datetime
) -> Sequence[UUID]:
    """Return the keys of what these holders share of the thing with the application, in order."""
    picked = Q(resources__contains=[one.thing.reference]) | Q(resources__contains=[EVERY])
    items = Item.objects.filter(
        picked,
        cluster__resources__kind=one.kind,
        version__number=F("version__arrangement__version_number"),
    )
    running = Arrangement.objects.running(at=at).filter(
        client__application=application,
        customer__in=holders,
        pk__in=items.values("version__arrangement"),
    )
    return list(running.order_by("pk").values_list("pk", flat=True))
