"""Records as bodies: which column each field comes from, and no column that may not be seen.

A field that the customer does not share is neither asked of the database nor sorted or filtered by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import models

from catalog.scopes.reveals import readable
from portal.errors import Malformed, NotFound
from portal.sandbox.requests import FieldNotConsented, SandboxRequest, next_cursor

Reader = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a record: its pointer, where it is kept, and how it is written and read.

    Without `reads` nobody may sort or filter by it. `group` is what has to be expanded for it.
    """

    pointer: str
    source: str
    writes: Callable[[Any], Any] = lambda value: value
    reads: Reader | None = str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a kind of record can tell. `kind` begins its aliases, `order` its lists."""

    kind: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]

    def column(self, name: str) -> Column | None:
        pointer = f"/{name.replace('.', '/')}"
        return next((column for column in self.columns if column.pointer == pointer), None)


@dataclass(frozen=True, slots=True)
class Reply:
    """`next_cursor` is set where another page follows."""

    status: int
    body: Any = None
    location: str = ""
    next_cursor: str | None = None


def one(request: SandboxRequest, shape: Shape, rows: models.QuerySet[Any], pk: int) -> Any:
    """Return the body of one record that the request may see."""
    body = next(_bodies(rows.filter(pk=pk), _columns(request, shape, prefix="")), None)
    if body is None:
        raise NotFound("There is nothing here for this customer and your application.")
    return body


def page(request: SandboxRequest, shape: Shape, rows: models.QuerySet[Any]) -> Reply:
    """Return one page, filtered and sorted by fields that the request may see as they are."""
    rows = _filtered(request, shape, rows)
    columns = _columns(request, shape, prefix="/items/*")
    limit, offset = request.limit(), request.offset()
    ordered = rows.order_by(*_order(request, shape))
    items = list(_bodies(ordered[offset : offset + limit + 1], columns))
    more = next_cursor(offset + limit) if len(items) > limit else None
    body = {"items": items[:limit], "next_cursor": more, "total": rows.count()}
    return Reply(200, body, next_cursor=more)


def sees(request: SandboxRequest, pointer: str) -> bool:
    """Whether the field may be seen as it is: nothing else may be told about it either."""
    return request.raw is None or pointer in request.raw


def instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Return the instant that a text names, in UTC where it does not say."""
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _columns(request: SandboxRequest, shape: Shape, *, prefix: str) -> list[Column]:
    expanded = _expanded(request, shape, prefix)
    wanted = {column for column in shape.columns if column.group in {"", expanded}}
    if request.shown is not None:
        allowed = {found.pointer for found in readable(request.shown)}
        wanted = {column for column in wanted if f"{prefix}{column.pointer}" in allowed}
    return [column for column in shape.columns if column in wanted]


def _expanded(request: SandboxRequest, shape: Shape, prefix: str) -> str:
    name = request.parameters.get("expand", "")
    inner = [column for column in shape.columns if column.group == name]
    told = any(sees(request, f"{prefix}{column.pointer}") for column in inner)
    if name and not told:
        raise FieldNotConsented
    return name


def _bodies(rows: models.QuerySet[Any], columns: list[Column]) -> Iterator[dict[str, Any]]:
    sources = list(dict.fromkeys(column.source for column in columns)) or ["pk"]
    for values in rows.values_list(*sources):
        row = dict(zip(sources, values, strict=True))
        yield _nested((column.pointer, column.writes(row[column.source])) for column in columns)


def _nested(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for pointer, value in fields:
        *path, name = pointer.split("/")[1:]
        place = body
        for step in path:
            place = place.setdefault(step, {})
        place[name] = value
    return body


def _known(request: SandboxRequest, shape: Shape, name: str) -> tuple[Column, Reader]:
    """Return a field to sort or filter by; what is not shared and what is not there are one."""
    column = shape.column(name)
    if column is None or column.reads is None or column.group:
        raise FieldNotConsented
    if not sees(request, f"/items/*{column.pointer}"):
        raise FieldNotConsented
    return column, column.reads


def _order(request: SandboxRequest, shape: Shape) -> tuple[str, ...]:
    asked = request.parameters.get("sort")
    if asked is None:
        return shape.order
    column, _ = _known(request, shape, asked.removeprefix("-"))
    return f"{'-' if asked.startswith('-') else ''}{column.source}", "pk"


def _filtered(
    request: SandboxRequest, shape: Shape, rows: models.QuerySet[Any]
) -> models.QuerySet[Any]:
    asked = request.parameters.get("filter")
    if asked is None:
        return rows
    name, _, condition = asked.partition(" ")
    column, read = _known(request, shape, name)
    operator, _, value = condition.partition(" ")
    if operator != "eq" or "\x00" in value:
        raise Malformed("A filter is a field, eq and a value.", errors={"filter": ["As said."]})
    try:
        return rows.filter(**{column.source: read(value)})
    except ValueError as error:
        raise Malformed("No field has this value.", errors={"filter": ["A value."]}) from error
