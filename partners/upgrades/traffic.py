"""Who counts calls registers here: counting is a higher slice's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

# The calls since an instant, by client and operation (`<api>/<version>/<operation>`), of these
# clients, or of all, to some versions (`<api>/<version>`).
Calls = Mapping[tuple[int, str], int]
Counter = Callable[[Collection[int] | None, Collection[str], datetime], Calls]
_counters: list[Counter] = []


def counts_traffic(counter: Counter) -> Counter:
    _counters.append(counter)
    return counter


def calls_of(
    clients: Collection[int] | None, versions: Collection[str], *, since: datetime
) -> dict[tuple[int, str], int]:
    """Return what was counted, however many clients and versions there are; the rest was not seen.

    Without clients every client's calls are meant.
    """
    found: dict[tuple[int, str], int] = {}
    if not versions:
        return found
    for counter in _counters:
        for key, count in counter(clients, versions, since).items():
            found[key] = found.get(key, 0) + count
    return found
