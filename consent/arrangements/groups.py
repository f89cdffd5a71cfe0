"""Who counts, where an application is told of people together and of nobody alone."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, QuerySet

from consent.arrangements.models import ALL_DATA, Arrangement, Item


def customers_sharing(client_id: str, operation_key: str, *, at: datetime) -> QuerySet[Item, int]:
    """Return the ids of customers who at that instant share what the operation tells.

    Who has restricted its use is left out, as from every answer (GDPR Art. 18).
    """
    items = Item.objects.filter(
        version__arrangement__in=Arrangement.objects.active(at=at).filter(
            client__client_id=client_id, customer__user__is_active=True
        ),
        version__number=F("version__arrangement__version_number"),
        fields__has_key=operation_key,
    )
    unrestricted = items.exclude(
        version__arrangement__customer__restricted__overlap=[F("cluster__code"), ALL_DATA]
    )
    return unrestricted.values_list("version__arrangement__customer_id", flat=True)
