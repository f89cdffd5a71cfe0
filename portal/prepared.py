"""Questions that are asked for every call: compiled once, prepared at the server.

The ORM says what is asked, as everywhere; it takes far longer to put a question into SQL, and
PostgreSQL to plan it, than to answer it. `Prepared` lets both happen once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.psycopg_any import is_psycopg3
from django.db.backends.utils import CursorWrapper
from django.db.transaction import TransactionManagementError

assert is_psycopg3
from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: E402

M = TypeVar("M", bound=models.Model)
Row = Sequence[Any]


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
        if self._compiled is None:
            self._compiled = _compile(self.question, self.places, connection)
        return list(self._compiled.ask(values, connection))

    def first(self, **values: Any) -> M | None:
        """Return the one row that a question for one has, or None."""
        return next(iter(self(**values)), None)


def insert(instance: models.Model) -> None:
    """Write a new row, as `save(force_insert=True)` does, without signals."""
    connection = connections[DEFAULT_DB_ALIAS]
    fields, sql = _insertion(type(instance))
    values = [field.get_db_prep_save(field.pre_save(instance, add=True), connection) for field in fields]
    with _cursor(connection) as cursor:
        cursor.execute(sql, values)
        (instance.pk,) = cursor.fetchone()
    instance._state.adding = False
    instance._state.db = DEFAULT_DB_ALIAS


@dataclass(frozen=True, slots=True)
class _Compiled:
    queryset: models.QuerySet[Any]
    compiler: Any
    sql: str
    # For each place in the SQL the name of its value, or the value itself.
    params: tuple[tuple[str | None, Any], ...]

    def ask(self, values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> Iterator[Any]:
        if self.queryset.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("Rows are held until the end of a transaction.")
        params = tuple(values[name] if name else value for name, value in self.params)
        with _cursor(connection) as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        compiler = copy.copy(self.compiler)
        compiler.connection = connection
        compiler.execute_sql = lambda *_, **__: [rows]
        asked = _Asked(self.queryset, compiler)
        return iter(self.queryset._iterable_class(asked))


class _Asked:
    """What the ORM's own iterators want of a query set, around an answer that is there already."""

    def __init__(self, queryset: models.QuerySet[Any], compiler: Any) -> None:
        self._queryset, self._compiler = queryset, compiler
        self.query = self

    def get_compiler(self, using: str) -> Any:  # noqa: ARG002 - the ORM's signature
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        if hasattr(self._queryset, name):
            return getattr(self._queryset, name)
        return getattr(self._queryset.query, name)


class _Cursor(ServerBindingCursor):
    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        return super().execute(query, params, prepare=True)


def _cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """Return a cursor that prepares; statements are counted and errors wrapped as for any other."""
    connection.ensure_connection()
    return connection._prepare_cursor(_Cursor(connection.connection))


def _compile(
    question: Callable[..., models.QuerySet[Any]],
    places: Mapping[str, type],
    connection: BaseDatabaseWrapper,
) -> _Compiled:
    marks = {name: _mark(kind, number) for number, (name, kind) in enumerate(places.items())}
    queryset = question(**marks)
    binding: Any = copy.copy(connection)
    binding.features = copy.copy(connection.features)
    binding.features.uses_server_side_binding = True
    compiler = queryset.query.get_compiler(connection=binding)
    sql, params = compiler.as_sql()
    named = tuple((_name_of(param, marks), param) for param in params)
    if missing := set(places) - {name for name, _ in named}:
        raise ValueError(f"The question does not depend on {', '.join(sorted(missing))}.")
    return _Compiled(queryset, compiler, sql, named)


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


def _name_of(param: Any, marks: Mapping[str, Any]) -> str | None:
    fitting = (name for name, mark in marks.items() if type(mark) is type(param) and mark == param)
    return next(fitting, None)


@cache
def _insertion(model: type[models.Model]) -> tuple[list[models.Field[Any, Any]], str]:
    fields = [field for field in model._meta.local_concrete_fields if not _is_made_there(field)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    key = model._meta.pk.column
    table = model._meta.db_table
    return fields, f'INSERT INTO "{table}" ({columns}) VALUES ({places}) RETURNING "{key}"'  # noqa: S608


def _is_made_there(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.AutoField | models.BigAutoField)
