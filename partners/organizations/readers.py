from __future__ import annotations

from collections.abc import Iterable

from catalog.apis.audience import offers_guests
from partners.organizations.models import Organization


@offers_guests
def partners() -> Iterable[tuple[int, str]]:
    """Offer every partner that is not closed, to be named where an API is for named partners."""
    found = Organization.objects.exclude(status=Organization.Status.CLOSED)
    return found.order_by("name", "pk").values_list("pk", "name")
