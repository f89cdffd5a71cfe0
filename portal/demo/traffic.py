"""Two weeks of calls, the same on every start for the same day."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

from consent.arrangements.models import Arrangement, Reading
from consent.gateway.models import Usage
from partners.applications.models import Client

_DAYS = 14
_REFUSALS = (("consent_withdrawn", 0.03), ("token_expired", 0.02), ("rate_limited", 0.008))


def add_usage(client: Client, operations: dict[str, int], *, now: datetime) -> None:
    """Add calls by the hour; `operations` maps an operation's key to its usual calls a day."""
    dice = random.Random(f"{client.client_id[:3]}{now:%Y%m%d}")  # noqa: S311 - made-up figures
    rows = []
    for hour in _hours(now):
        busy = 0.35 + 0.65 * (7 <= hour.hour <= 21) - 0.2 * (hour.weekday() >= 5)
        for key, per_day in operations.items():
            calls = round(per_day / 18 * busy * dice.uniform(0.6, 1.3))
            counts = Counter({"allowed": calls})
            for reason, share in _REFUSALS:
                counts[reason] = round(calls * share * dice.uniform(0, 2))
            rows += [
                Usage(client=client, operation_key=key, hour=hour, reason=reason, call_count=count)
                for reason, count in counts.items()
                if count
            ]
    Usage.objects.bulk_create(rows)


def add_readings(
    arrangement: Arrangement, operations: dict[str, list[str]], *, now: datetime
) -> None:
    """Add what the customer sees as history: a look or two each day since the arrangement began."""
    dice = random.Random(f"{arrangement.given_at:%Y%m%d}{now:%Y%m%d}")  # noqa: S311
    last = arrangement.last_read_at
    for back in range(_DAYS, -1, -1):
        hour = (now - timedelta(days=back)).replace(
            hour=dice.randint(6, 9), minute=0, second=0, microsecond=0
        )
        if not arrangement.given_at < hour < now:
            continue
        for key, clusters in operations.items():
            last = hour + timedelta(minutes=dice.randint(1, 58))
            Reading.objects.create(
                arrangement=arrangement,
                operation_key=key,
                hour=hour,
                cluster_codes=clusters,
                read_count=dice.randint(1, 3),
                last_read_at=last,
            )
    Arrangement.objects.filter(pk=arrangement.pk).update(last_read_at=last)


def _hours(now: datetime) -> list[datetime]:
    top = now.replace(minute=0, second=0, microsecond=0)
    return [top - timedelta(hours=back) for back in range(1, _DAYS * 24)]
