from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Sum

from consent.gateway.models import Usage
from partners.upgrades.traffic import counts_traffic


@counts_traffic
def decided_calls(clients: Collection[int], version: str, since: datetime) -> dict[int, int]:
    """Return the calls that were decided for each client, whatever the answer was."""
    rows = Usage.objects.filter(
        client__in=clients, hour__gte=since, operation_key__startswith=f"{version}/"
    )
    return dict(rows.values_list("client").annotate(calls=Sum("call_count")))
