"""Rules about what an answer says of its data, and about operations that only count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from catalog.rules.rulebook import Found
from catalog.scopes.depths import DEPTHS
from catalog.specs.checks.lists import is_list
from catalog.specs.checks.normal import Normal, Stated, items, mapping, text
from catalog.specs.fields import ParsedField
from catalog.specs.markdown import cut

PERSONAL = DEPTHS["personal"]


def data_class_missing(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        unsaid = [row for row in one.fields if row.is_leaf and row.revealed.depth is None]
        if unsaid:
            message = f"does not say how deep {_told(unsaid)} goes."
            yield one.breach("data-class-missing", message, "/responses")


def retention_unsaid(normal: Normal) -> Iterator[Found]:
    promised = _promised(normal)
    for one in normal.operations:
        unsaid = [
            row
            for row in _personal(one)
            if row.revealed.retention_days is None and not promised.get(row.revealed.cluster)
        ]
        if unsaid:
            message = f"does not say how long {_told(unsaid)} may be kept."
            yield one.breach("retention-unsaid", message, "/responses")


def aggregate_twin(normal: Normal) -> Iterator[Found]:
    counted = {text(one.aggregate_of) for one in normal.operations}
    for one in normal.operations:
        is_counted = text(one.body.get("operationId")) in counted - {""} or one.aggregate_of
        if is_list(one) and not is_counted and _named(one):
            message = "lists people, and nothing here only counts them."
            yield one.breach("aggregate-twin", message)


def aggregate_unknown(normal: Normal) -> Iterator[Found]:
    known = {text(one.body.get("operationId")) for one in normal.operations} - {""}
    for one in normal.operations:
        if one.aggregate_of is not None and text(one.aggregate_of) not in known:
            message = f"counts {cut(str(one.aggregate_of), 60)}, which is no operation here."
            yield one.breach("aggregate-unknown", message, "/x-aggregate-of")


def aggregate_personal(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        if one.aggregate_of is None:
            continue
        if named := _named(one):
            message = f"is to count people, and reveals {_told(named)}."
            yield one.breach("aggregate-personal", message, "/responses")


def _personal(one: Stated) -> list[ParsedField]:
    return [row for row in one.fields if row.is_leaf and (row.revealed.depth or 0) >= PERSONAL]


def _named(one: Stated) -> list[ParsedField]:
    """Return the personal fields that are more than a count of people."""
    return [row for row in _personal(one) if not row.revealed.transform.startswith("aggregate")]


def _promised(normal: Normal) -> Mapping[str, bool]:
    """Return for each cluster whether it says how long its fields may be kept."""
    return {
        text(entry.get("code")): "max_retention_days" in entry
        for entry in map(mapping, items(normal.portal.get("clusters")))
    }


def _told(rows: list[ParsedField]) -> str:
    first = cut(rows[0].name, 60)
    return first if len(rows) == 1 else f"{first} and {len(rows) - 1} more"


CHECKS: dict[str, Callable[[Normal], Iterator[Found]]] = {
    "data-class-missing": data_class_missing,
    "retention-unsaid": retention_unsaid,
    "aggregate-twin": aggregate_twin,
    "aggregate-unknown": aggregate_unknown,
    "aggregate-personal": aggregate_personal,
}
