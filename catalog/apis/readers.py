"""As whom an operation may be read: the reader's own applications, and the scopes they have.

The catalog knows no applications. A slice that does offers them from its own `readers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from portal.access.actors import Actor


@dataclass(frozen=True, slots=True)
class Reader:
    slug: str
    name: str
    scopes: frozenset[str]
    # Its client in the sandbox, for samples that can be run as they stand; empty where it has none.
    client_id: str = ""


Source = Callable[[Actor], Iterable[Reader]]
_sources: list[Source] = []


def offers_readers(source: Source) -> Source:
    _sources.append(source)
    return source


def readers_of(actor: Actor) -> list[Reader]:
    """Return whom the actor may read as; nobody who is a member of nothing."""
    if not actor.memberships:
        return []
    return [reader for source in _sources for reader in source(actor)]
