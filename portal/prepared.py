"""Questions that are asked for every call: compiled once, prepared at the server.

The ORM says what is asked, as everywhere; it takes far longer to put a question into SQL, and
PostgreSQL to plan it, than to answer it. `Prepared` lets both happen once.
"""

# ruff: noqa: S608 - SQL is put together from what the ORM has compiled

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)
from django.db.transaction import TransactionManagementError

from portal.statements import Condition, binding_of, cursor_of

M = TypeVar("M", bound=models.Model)
Row = Sequence[Any]
# What a question is called inside another statement.
_WHOLE = '"the whole row"'
_BETWEEN = ";"  # Text with it stands in quotes there.


class Prepared(Generic[M]):
    """A question with open places, such as `Prepared(named, name=str)` with `named(name)`.

    The function builds its query set once, from values that mark the places, so it must not look
    at them. A place takes str, int, datetime, UUID or list (of strings), as the driver takes them.
    """

    def __init__(self, question: Callable[..., models.QuerySet[M]], **places: type) -> None:
        self.question, self.places = question, places
        self._compiled: _Compiled | None = None

    def __call__(self, **values: Any) -> list[M]:
        """Return the rows, as the query set would give them now."""
        connection = connections[DEFAULT_DB_ALIAS]
        compiled = self._ready(connection)
        rows = compiled.rows(compiled.sql, compiled.params_of(values), connection)
        return compiled.made(rows, connection)

    def first(self, **values: Any) -> M | None:
        """Return the one row that a question for one has, or None."""
        return next(iter(self(**values)), None)

    def first_while(self, holds: Condition, **values: Any) -> tuple[M | None, bool]:
        """Return the one row, or None, and whether the condition holds, from one statement."""
        connection = connections[DEFAULT_DB_ALIAS]
        compiled = self._ready(connection)
        sql = f"SELECT {_WHOLE}.*, {holds.sql} FROM ({compiled.sql}) {_WHOLE}"
        rows = compiled.rows(sql, [*holds.params, *compiled.params_of(values)], connection)
        made = compiled.made([row[:-1] for row in rows], connection)
        return (made[0], bool(rows[0][-1])) if made else (None, False)

    def seen(self, **values: Any) -> Seen[M]:
        """Return the rows together with what tells later whether they are still the same."""
        connection = connections[DEFAULT_DB_ALIAS]
        compiled = self._ready(connection)
        sql = f"SELECT {_WHOLE}.*, {_WHOLE}::text FROM ({compiled.sql}) {_WHOLE}"
        rows = compiled.rows(sql, compiled.params_of(values), connection)
        made = compiled.made([row[:-1] for row in rows], connection)
        return Seen(tuple(made), compiled, values, _BETWEEN.join(row[-1] for row in rows))

    def _ready(self, connection: BaseDatabaseWrapper) -> _Compiled:
        if self._compiled is None:
            self._compiled = _compile(self.question, self.places, connection)
        return self._compiled


@dataclass(frozen=True, slots=True)
class Seen(Generic[M]):
    """What a question gave once. Who decides on it later has a statement make sure of it first."""

    rows: tuple[M, ...]
    _compiled: _Compiled
    _values: Mapping[str, Any]
    _text: str

    def unchanged(self, **values: Any) -> Condition:
        """Say that the question gives the same, to the last column, with `values` as they are now.

        PostgreSQL writes each row as text, so that nothing is left out that somebody may look at.
        """
        params = self._compiled.params_of({**self._values, **values})
        rows = f"SELECT {_WHOLE}::text FROM ({self._compiled.sql}) {_WHOLE}"
        return Condition(
            f"array_to_string(ARRAY({rows}), '{_BETWEEN}') = %s", [*params, self._text]
        )


@dataclass(frozen=True, slots=True)
class _Compiled:
    compiler: Any
    sql: str
    # For each place in the SQL the name of its value and how it goes there, or the value itself.
    params: tuple[tuple[str | None, Any], ...]
    converters: Mapping[int, Any]
    read: Callable[[Row], Any]

    def params_of(self, values: Mapping[str, Any]) -> list[Any]:
        return [known(values[name]) if name else known for name, known in self.params]

    def rows(self, sql: str, params: list[Any], connection: BaseDatabaseWrapper) -> list[Row]:
        if self.compiler.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("Rows are held until the end of a transaction.")
        with cursor_of(connection) as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())

    def made(self, rows: list[Row], connection: BaseDatabaseWrapper) -> list[Any]:
        if rows and self.converters:
            compiler = copy.copy(self.compiler)
            compiler.connection = connection
            rows = list(compiler.apply_converters(rows, self.converters))
        return [self.read(row) for row in rows]


def _reader(queryset: models.QuerySet[Any], compiler: Any) -> Callable[[Row], Any]:
    """Return what makes of a row what the query set gives: models, single values or tuples."""
    kind = queryset._iterable_class
    if kind is FlatValuesListIterable:
        return itemgetter(0)
    if kind is ValuesListIterable:
        return tuple
    if kind is not ModelIterable:
        raise TypeError(f"{kind.__name__} is not read here.")
    known, select = compiler.klass_info, compiler.select
    begin, end = known["select_fields"][0], known["select_fields"][-1] + 1
    names = [column.target.attname for column, *_ in select[begin:end]]
    related: Any = get_related_populators
    populators = related(known, select, DEFAULT_DB_ALIAS)
    annotations = compiler.annotation_col_map or {}

    def read(row: Row) -> Any:
        made = known["model"].from_db(DEFAULT_DB_ALIAS, names, row[begin:end])
        for populator in populators:
            populator.populate(row, made)
        for name, place in annotations.items():
            setattr(made, name, row[place])
        return made

    return read


def _compile(
    question: Callable[..., models.QuerySet[Any]],
    places: Mapping[str, type],
    connection: BaseDatabaseWrapper,
) -> _Compiled:
    marks = {name: _mark(kind, number) for number, (name, kind) in enumerate(places.items())}
    queryset = question(**marks)
    binding = binding_of(connection)
    compiler = queryset.query.get_compiler(connection=binding)
    sql, params = compiler.as_sql()
    binding.connection = None  # what is kept must not keep this thread's connection
    named = tuple(_place(param, marks) for param in params)
    if missing := set(places) - {name for name, _ in named}:
        raise ValueError(f"The question does not depend on {', '.join(sorted(missing))}.")
    columns = [column for column, *_ in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(columns)
    return _Compiled(compiler, sql, named, converters, _reader(queryset, compiler))


def _mark(kind: type, number: int) -> Any:
    """Return a value that no question holds by itself."""
    made: dict[type, Any] = {
        str: f"\ue000{number}",
        list: [f"\ue000{number}"],
        int: 2_000_000_000 + number,
        datetime: datetime(1583, 1, 1, microsecond=number, tzinfo=UTC),
        UUID: UUID(int=number),
    }
    return made[kind]


def _place(param: Any, marks: Mapping[str, Any]) -> tuple[str | None, Any]:
    for name, mark in marks.items():
        if isinstance(param, type(mark)) and param == mark:
            # The driver has types of its own for whole numbers, by the size of their column.
            return name, _as_it_is if type(param) is type(mark) else type(param)
    return None, param


def _as_it_is(value: Any) -> Any:
    return value
