"""How many of the customers who agreed to be counted live in each town."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from consent.arrangements.groups import customers_sharing
from portal.sandbox.models import DeliveryArea, Pharmacy


def people_by_town(client_id: str, operation_key: str, *, at: datetime) -> dict[str, int]:
    """Return a count for every town with a pharmacy, whether or not anybody lives there.

    The list of towns is public, so that it tells of nobody. Only those count who share with this
    very client at that instant: who stops is gone from the next answer.
    """
    sharing = customers_sharing(client_id, operation_key, at=at)
    areas = DeliveryArea.objects.filter(customer__in=sharing)
    counted = dict(areas.values_list("town").annotate(Count("pk")).order_by())
    towns = Pharmacy.objects.order_by("town").values_list("town", flat=True).distinct()
    return {town: counted.get(town, 0) for town in towns}
