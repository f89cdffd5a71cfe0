"""What a version reveals about people, field by field, and what is new since it was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from catalog.apis.models import ApiVersion, Field
from catalog.scopes.models import DataCluster, Depth


@dataclass(frozen=True, slots=True)
class Exposed:
    """One personal field of one operation's answer; `retention_days` is the longest allowed.

    `values` are those that it may take, None where any value will do.
    """

    operation: str
    pointer: str
    depth: int
    scope: str = ""
    transform: str = ""
    retention_days: int | None = None
    values: tuple[str, ...] | None = None

    @property
    def place(self) -> tuple[str, str]:
        return self.operation, self.pointer

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """Why somebody has to look again; `code` is stable, `place` names the field or scope."""

    code: str
    place: str
    words: str


def exposure_of(version: ApiVersion) -> tuple[Exposed, ...]:
    """Return the personal fields that the version's answers hold, in a fixed order."""
    return exposures_of([version])[version.pk]


def exposures_of(versions: Sequence[ApiVersion]) -> dict[int, tuple[Exposed, ...]]:
    """Return the same for several versions, by their keys, in two statements.

    How long a recipient may keep a field is said by itself, or by the cluster that reveals it.
    """
    longest = dict(DataCluster.objects.current().values_list("code", "max_retention_days"))
    personal = Field.objects.filter(operation__version__in=versions, depth__gte=Depth.PERSONAL)
    rows = personal.leaves().select_related("operation")
    found: dict[int, list[Exposed]] = {version.pk: [] for version in versions}
    for row in rows:
        found[row.operation.version_id].append(
            Exposed(
                operation=str(row.operation),
                pointer=row.pointer,
                depth=int(row.depth or 0),
                scope=row.scope,
                transform=row.transform,
                retention_days=_days(row, longest),
                values=_values(row),
            )
        )
    return {key: tuple(sorted(exposed, key=_place)) for key, exposed in found.items()}


def read(rows: Iterable[Mapping[str, Any]]) -> tuple[Exposed, ...]:
    """Return what `as_json` wrote."""
    return tuple(
        Exposed(**{**row, "values": None if row.get("values") is None else tuple(row["values"])})
        for row in rows
    )


def screened(before: Sequence[Exposed], now: Sequence[Exposed]) -> tuple[Reason, ...]:
    """Return what reveals more than before: each is a reason for a new assessment.

    What reveals less is none: a field that went, a shallower class, a shorter period.
    """
    known = {one.place: one for one in before}
    scopes = {one.scope for one in before}
    reasons: set[Reason] = set()
    for one in now:
        if one.scope and one.scope not in scopes:
            reasons.add(Reason("scope-added", one.scope, "A scope that opens personal data."))
        old = known.get(one.place)
        said = (
            _compared(old, one) if old else [("field-added", f"A field with {_depth(one)} data.")]
        )
        place = f"{one.operation} {one.pointer}"
        reasons.update(Reason(code, place, words) for code, words in said)
    return tuple(sorted(reasons))


def _compared(old: Exposed, one: Exposed) -> Iterator[tuple[str, str]]:
    if one.depth > old.depth:
        yield "depth-raised", f"It was {_depth(old)}, now it is {_depth(one)}."
    if one.scope != old.scope:
        yield (
            "scope-changed",
            f"{old.scope or 'No scope'} opened it, now {one.scope or 'none'} does.",
        )
    if one.transform != old.transform:
        yield "shown-otherwise", f"{_shown(old)} before, {_shown(one)} now."
    if old.values is not None and (more := _added(old.values, one.values)):
        yield "values-widened", more
    if _period(one) > _period(old):
        yield "kept-longer", f"{_kept(old)} before, {_kept(one)} now."


def _days(row: Field, longest: Mapping[str, int]) -> int | None:
    return row.retention_days if row.retention_days is not None else longest.get(row.cluster_code)


def _values(row: Field) -> tuple[str, ...] | None:
    values = row.constraints.get("enum")
    if values is None:
        return None
    more = row.constraints.get("more")
    return (*values, f"and {more} more") if more else tuple(values)


def _added(old: Sequence[str], now: Sequence[str] | None) -> str:
    if now is None:
        return "It was one of a list, now it may be anything."
    new = [value for value in now if value not in old]
    return f"It may be {', '.join(new[:5])} now, too." if new else ""


def _period(one: Exposed) -> float:
    return float("inf") if one.retention_days is None else one.retention_days


def _kept(one: Exposed) -> str:
    days = one.retention_days
    return "Without limit" if days is None else f"{days} day{'' if days == 1 else 's'}"


def _depth(one: Exposed) -> str:
    return Depth(one.depth).label.lower()


def _shown(one: Exposed) -> str:
    return one.transform or "As it is"


def _place(one: Exposed) -> tuple[str, str]:
    return one.place
