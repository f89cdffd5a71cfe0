"""The fields of a body as rows: pointer, type and what each reveals about a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.scopes.depths import DEPTHS
from catalog.scopes.reveals import is_transform
from catalog.specs.constraints import constraints_of, example_at, stated_example
from catalog.specs.markdown import cut, to_text
from catalog.specs.shapes import Shape, Shapes
from catalog.specs.yaml_reader import escaped

MAX_FIELDS = 150
# Where customers agree field by field, a page may become long before a field is left out.
MAX_CLUSTERED_FIELDS = 600
MAX_NESTING = 6
MAX_POINTER = 300
MAX_RETENTION_DAYS = 36_500
MAX_TRANSFORM = 120
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a schema says about its data, and what its parts inherit."""

    depth: int | None = None
    cluster: str = ""
    retention_days: int | None = None
    transform: str = ""
    permission: str = ""


@dataclass(frozen=True, slots=True)
class ParsedField:
    pointer: str
    name: str
    type: str
    nesting: int
    description: str
    is_required: bool
    revealed: Revealed
    is_leaf: bool
    constraints: Mapping[str, Any] = field(default_factory=dict)
    example: str = ""


def illustrated(rows: Iterable[ParsedField], body: Any) -> list[ParsedField]:
    """Return the rows, those that say no example of their own with what the body's holds there."""
    return [
        row
        if row.example or not row.is_leaf
        else replace(row, example=example_at(body, row.pointer))
        for row in rows
    ]


class FieldReader:
    def __init__(self, shapes: Shapes, *, cluster_depths: Mapping[str, int]) -> None:
        self.shapes = shapes
        self.cluster_depths = cluster_depths

    def read(self, schema: Any, *, limit: int | None = None) -> tuple[list[ParsedField], bool]:
        """Return the rows in the order of the document, and whether some had to be left out."""
        usual = MAX_CLUSTERED_FIELDS if self.cluster_depths else MAX_FIELDS
        rows = _Rows(self, limit or usual)
        shape = self.shapes.of(schema)
        pointer = ""
        trail: tuple[int, ...] = ()
        revealed = Revealed()
        for _ in range(MAX_NESTING):
            revealed = self.revealed_by(shape, revealed)
            trail += (shape.key,)
            if not shape.is_list:
                break
            pointer += "/*"
            shape = self.shapes.of(shape.items)
        if pointer and not shape.properties and shape.values is None:
            rows.add(
                pointer, "*", shape, shape, revealed, nesting=0, is_required=False, is_leaf=True
            )
        rows.descend(shape, pointer, revealed, trail, nesting=0)
        return rows.found, rows.is_cut

    def revealed_by(self, shape: Shape, inherited: Revealed) -> Revealed:
        words = shape.keywords
        revealed = inherited
        cluster = words.get("x-data-cluster")
        if isinstance(cluster, str) and cluster in self.cluster_depths:
            depth = self.cluster_depths[cluster]
            revealed = replace(revealed, cluster=cluster, depth=depth, permission="")
        if isinstance(words.get("x-data-class"), str) and words["x-data-class"] in DEPTHS:
            revealed = replace(revealed, depth=DEPTHS[words["x-data-class"]])
        if "x-data-transform" in words:
            stated = words["x-data-transform"]
            is_known = isinstance(stated, str) and 0 < len(stated) <= MAX_TRANSFORM
            # What nobody can read still says that the value may not be shown as it is.
            is_known = is_known and is_transform(stated)
            revealed = replace(revealed, transform=stated if is_known else UNREADABLE)
        if isinstance(words.get("x-data-permission"), str):
            revealed = replace(revealed, permission=words["x-data-permission"])
        days = words.get("x-retention-days")
        if isinstance(days, int) and not isinstance(days, bool) and 0 <= days <= MAX_RETENTION_DAYS:
            revealed = replace(revealed, retention_days=days)
        return revealed


def _children(shape: Shape, pointer: str) -> Iterator[tuple[str, str, Any]]:
    for name, schema in shape.properties.items():
        yield f"{pointer}/{escaped(name)}", name, schema
    if shape.values is not None:
        yield f"{pointer}/*", "*", shape.values


def _constraints(shape: Shape, inner: Shape) -> dict[str, Any]:
    """Return those of a value; of a list, those of what it holds beside its own."""
    own = constraints_of(shape)
    return own if inner is shape else constraints_of(inner) | own


@dataclass(frozen=True, slots=True)
class _Child:
    """A field, and what its list holds: the same where it is no list."""

    shape: Shape
    revealed: Revealed
    inner: Shape
    inner_revealed: Revealed
    inner_pointer: str
    trail: tuple[int, ...]

    @property
    def is_circle(self) -> bool:
        return self.inner.key != 0 and self.inner.key in self.trail[:-1]


class _Rows:
    def __init__(self, reader: FieldReader, limit: int) -> None:
        self.reader = reader
        self.limit = limit
        self.found: list[ParsedField] = []
        self.is_cut = False

    def add(
        self,
        pointer: str,
        name: str,
        shape: Shape,
        inner: Shape,
        revealed: Revealed,
        *,
        nesting: int,
        is_required: bool,
        is_leaf: bool,
        type_name: str = "",
    ) -> None:
        description = shape.keywords.get("description")
        words = to_text(description, max_length=200) if isinstance(description, str) else ""
        self.found.append(
            ParsedField(
                pointer=pointer,
                name=cut(name, 120),
                type=cut(type_name or shape.name, 60),
                nesting=nesting,
                description=words,
                is_required=is_required,
                revealed=revealed,
                is_leaf=is_leaf,
                constraints=_constraints(shape, inner),
                example=stated_example(inner) if is_leaf else "",
            )
        )

    def descend(
        self,
        shape: Shape,
        pointer: str,
        inherited: Revealed,
        trail: tuple[int, ...],
        *,
        nesting: int,
    ) -> None:
        for at, name, schema in _children(shape, pointer):
            if len(self.found) >= self.limit:
                self.is_cut = True
                return
            if len(at) > MAX_POINTER:
                self.is_cut = True
                continue
            child = self._opened(at, schema, inherited, trail)
            has_inner = bool(child.inner.properties) or child.inner.values is not None
            is_open = has_inner and not child.is_circle and nesting < MAX_NESTING
            self.is_cut |= has_inner and not child.is_circle and not is_open
            self.add(
                at,
                name,
                child.shape,
                child.inner,
                child.revealed if is_open else child.inner_revealed,
                nesting=nesting,
                is_required=name in shape.required,
                is_leaf=not is_open,
                type_name=self.reader.shapes.type_of(schema),
            )
            if is_open:
                self.descend(
                    child.inner,
                    child.inner_pointer,
                    child.inner_revealed,
                    child.trail,
                    nesting=nesting + 1,
                )

    def _opened(
        self, pointer: str, schema: Any, inherited: Revealed, trail: tuple[int, ...]
    ) -> _Child:
        """Look through the lists that the schema is, to what they hold."""
        shape = self.reader.shapes.of(schema)
        revealed = self.reader.revealed_by(shape, inherited)
        inner, inner_revealed = shape, revealed
        trail = (*trail, shape.key)
        for _ in range(MAX_NESTING):
            if not inner.is_list:
                break
            inner = self.reader.shapes.of(inner.items)
            pointer += "/*"
            inner_revealed = self.reader.revealed_by(inner, inner_revealed)
            trail += (inner.key,)
        return _Child(shape, revealed, inner, inner_revealed, pointer, trail)
