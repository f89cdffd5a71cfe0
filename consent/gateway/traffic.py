from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, Sum

from consent.gateway.models import Usage
from partners.upgrades.traffic import Calls, counts_traffic


@counts_traffic
def decided_calls(
    clients: Collection[int] | None, versions: Collection[str], since: datetime
) -> Calls:
    """Return the calls that were decided, whatever the answer was, in one question."""
    any_of_them = Q()
    for version in versions:
        any_of_them |= Q(operation_key__startswith=f"{version}/")
    rows = Usage.objects.filter(any_of_them, hour__gte=since)
    if clients is not None:
        rows = rows.filter(client__in=clients)
    counted = rows.values_list("client", "operation_key").annotate(calls=Sum("call_count"))
    return {(client, key): calls for client, key, calls in counted.order_by()}
