"""The rows of an operation's tables, as its page shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.text import Truncator

from catalog.apis.constraints import in_words
from catalog.apis.models import Field
from catalog.apis.readers import Reader

Row = TypeVar("Row")
DEEPEST_NESTING = 3
# Of the description, the limits and the example together: a page holds fifty rows.
WORDS_IN_A_ROW = 180


@dataclass(frozen=True, slots=True)
class FieldRow:
    pointer: str
    name: str
    type: str
    description: str
    nesting: int
    is_required: bool
    depth: int | None
    scope: str
    words: str
    is_as_above: bool
    keep: str
    is_left_out: bool
    limits: str = ""
    example: str = ""

    @property
    def brief(self) -> str:
        """Return as much of the description as its row has room for beside the limits."""
        room = max(60, WORDS_IN_A_ROW - len(self.limits) - len(self.example))
        return Truncator(self.description).chars(room)

    @property
    def anchor(self) -> str:
        """Return the name by which the search and other pages lead to this row."""
        return "f" + re.sub(r"[^A-Za-z0-9_]+", ".", self.pointer.replace("/*", ""))[:80]


def field_rows(
    fields: Iterable[Field],
    *,
    scopes: Mapping[str, str],
    words: Mapping[str, str],
    reader: Reader | None,
) -> list[FieldRow]:
    """Return a row for each field.

    `scopes` and `words` map the code of a data cluster to the scope that opens it and to its
    label. With a reader, fields that none of the reader's scopes opens are marked as left out.
    """
    rows: list[FieldRow] = []
    for field in fields:
        scope = scopes.get(field.cluster_code, field.scope)
        above = rows[-1] if rows else None
        rows.append(
            FieldRow(
                pointer=field.pointer,
                name=field.name,
                type=field.type,
                description=field.description,
                nesting=min(field.nesting, DEEPEST_NESTING),
                is_required=field.is_required,
                depth=field.depth,
                scope=scope,
                words=words.get(field.cluster_code, ""),
                is_as_above=bool(scope and above and field.nesting and above.scope == scope),
                keep=kept_for(field.retention_days),
                is_left_out=bool(
                    reader and field.cluster_code and scope and scope not in reader.scopes
                ),
                limits=in_words(field.constraints, type_name=field.type),
                example="" if "enum" in field.constraints else field.example,
            )
        )
    return rows


def kept_for(days: int | None) -> str:
    if days is None:
        return "No limit"
    if days == 0:
        return "Do not store"
    return "1 day" if days == 1 else f"{days} days"


def fit(
    rows: Sequence[Row], *, room: int, size_of: Callable[[Row], int]
) -> tuple[Sequence[Row], int]:
    """Return the first rows that fit into so many characters, and how many are left."""
    used = 0
    for count, row in enumerate(rows):
        used += size_of(row)
        if used > room and count:
            return rows[:count], len(rows) - count
    return rows, 0


def text_size(row: Mapping[str, Any]) -> int:
    """Return roughly what a row of a table weighs as HTML."""
    shown = (value for name, value in row.items() if name not in {"constraints", "example"})
    return 450 + sum(len(str(value)) for value in shown)
