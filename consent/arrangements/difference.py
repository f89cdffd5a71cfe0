"""What becomes different from one version of an arrangement to the next. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from consent.arrangements.models import Item


@dataclass(frozen=True, slots=True)
class Difference:
    """Names of scopes: new ones, those left out, those of which something else is said now."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        return not (self.added or self.removed or self.changed)


def difference(before: Iterable[Item], after: Iterable[Item]) -> Difference:
    """Compare what a customer shares with what comes next; a later look-back is no difference."""
    old = {item.scope.name: _content(item) for item in before}
    new = {item.scope.name: _content(item) for item in after}
    both = old.keys() & new.keys()
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(name for name in both if old[name] != new[name])),
        unchanged=tuple(sorted(name for name in both if old[name] == new[name])),
    )


def _content(item: Item) -> tuple[object, ...]:
    return (
        item.cluster_id,
        item.purpose_id,
        item.why,
        item.is_required,
        item.retention_days,
        item.fields,
        item.resources,
    )
