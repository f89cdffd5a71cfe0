"""Statements that PostgreSQL plans once for each connection, with places that it fills itself."""

# ruff: noqa: SLF001 - it knows the ORM's inside

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

_PLACE = re.compile(r"%(?:\((\w+)\))?s|%%")


class Condition(NamedTuple):
    """Part of a statement that is true or false, with its values."""

    sql: str
    params: Sequence[Any]

    def __and__(self, other: Condition) -> Condition:
        return Condition(f"{self.sql} AND {other.sql}", [*self.params, *other.params])


def execute(statement: str, params: Sequence[Any] | Mapping[str, Any]) -> int:
    """Do what a written statement says; return how many rows it changed."""
    with cursor_of(connections[DEFAULT_DB_ALIAS]) as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


class _Cursor(psycopg.RawCursor[Any]):
    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        statement, names = _numbered(query)
        given = [params[name] for name in names] if names else params
        return super().execute(statement, given, prepare=True)


@lru_cache(maxsize=256)
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """Return the statement with PostgreSQL's own places, and the names of those that have any.

    The driver does this too, but anew each time for a long statement.
    """
    names: list[str] = []
    numbers = itertools.count(1)

    def number(place: re.Match[str]) -> str:
        if place[0] == "%%":
            return "%"
        if place[1] is None:
            return f"${next(numbers)}"
        if place[1] not in names:
            names.append(place[1])
        return f"${names.index(place[1]) + 1}"

    return _PLACE.sub(number, statement), tuple(names)


def cursor_of(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """Return a cursor that prepares; statements are counted and errors wrapped as for any other."""
    connection.ensure_connection()
    django: Any = connection
    counted: CursorWrapper = django._prepare_cursor(_Cursor(django.connection))
    return counted


def binding_of(connection: BaseDatabaseWrapper) -> Any:
    """Return the connection as one that writes SQL with places for the server to fill."""
    binding: Any = copy.copy(connection)
    binding.features = copy.copy(connection.features)
    binding.features.uses_server_side_binding = True
    return binding
