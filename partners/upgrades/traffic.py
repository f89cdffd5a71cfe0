"""Who counts calls registers here: counting is a higher slice's."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

# Clients by their keys, and `<api>/<version>`, to the calls of each client since an instant.
Counter = Callable[[Collection[int], str, datetime], dict[int, int]]
_counters: list[Counter] = []


def counts_traffic(counter: Counter) -> Counter:
    _counters.append(counter)
    return counter


def calls_of(clients: Collection[int], version: str, *, since: datetime) -> dict[int, int]:
    """Return the calls of each client that has any; who is missing was not seen."""
    found: dict[int, int] = {}
    for counter in _counters:
        for client, count in counter(clients, version, since).items():
            found[client] = found.get(client, 0) + count
    return found
