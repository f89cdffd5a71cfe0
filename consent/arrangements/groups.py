"""Who counts, where an application is told of people together and of nobody alone."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, QuerySet

from consent.arrangements.models import Arrangement, Item


def customers_sharing(client_id: str, operation_key: str, *, at: datetime) -> QuerySet[Item, int]:
    """Return the ids of customers who at that instant share what the operation tells."""
    return Item.objects.filter(
        version__arrangement__in=Arrangement.objects.active(at=at).filter(
            client__client_id=client_id, customer__user__is_active=True
        ),
        version__number=F("version__arrangement__version_number"),
        fields__has_key=operation_key,
    ).values_list("version__arrangement__customer_id", flat=True)
