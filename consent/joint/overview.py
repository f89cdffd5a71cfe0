"""What others share of what a customer holds with them, for the customer's own pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from consent.arrangements.models import Customer, JointStop
from consent.arrangements.wording import listed
from consent.joint.holders import Joint, held_with_others, items_about
from partners.applications.models import Application


@dataclass(slots=True)
class Shared:
    """One thing that an application may see by the word of others, or may not by the customer's."""

    one: Joint
    application: Application
    people: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    until: datetime | None = None
    is_stopped_by_me: bool = False

    @property
    def who(self) -> str:
        return listed(sorted(self.people))

    @property
    def what(self) -> str:
        return listed(sorted(self.labels))


def shared_by_others(customer: Customer, *, at: datetime) -> list[Shared]:
    """Return what others share, and what the customer stopped, by application and thing.

    Who holds nothing with others costs one question to each keeper, and no more.
    """
    things = held_with_others(customer)
    if not things:
        return []
    rows: dict[tuple[int, str], Shared] = {}
    items = items_about(things, at=at).select_related(
        "cluster",
        "version__arrangement__customer__user",
        "version__arrangement__client__application__organization",
    )
    for item in items.order_by("pk"):
        arrangement = item.version.arrangement
        for one in things:
            if arrangement.customer_id not in one.thing.holders or not one.is_in(item):
                continue
            row = _row(rows, one, arrangement.client.application)
            row.people.add(arrangement.customer.user.given_name)
            row.labels.add(item.cluster.spoken()["label"])
            row.until = max(row.until or arrangement.ends_at, arrangement.ends_at)
    by_name = {(one.kind, one.thing.reference): one for one in things}
    stops = JointStop.objects.standing().filter(customer=customer)
    for stop in stops.select_related("application__organization"):
        if stopped := by_name.get((stop.kind, stop.reference)):
            _row(rows, stopped, stop.application).is_stopped_by_me = True
    return sorted(rows.values(), key=lambda row: (row.application.name, row.one.thing.label))


def _row(rows: dict[tuple[int, str], Shared], one: Joint, application: Application) -> Shared:
    return rows.setdefault((application.pk, one.name), Shared(one, application))
