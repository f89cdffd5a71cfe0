"""New rows, each as the ORM would write it, several in one statement."""

# ruff: noqa: S608, SLF001 - SQL is put together from the models' own names

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import InsertQuery

from portal.statements import Condition, binding_of, cursor_of

# Fields, and types of their values, of which the driver gets what the instance holds.
_AS_THEY_ARE = frozenset(
    {
        models.BooleanField,
        models.CharField,
        models.DateTimeField,
        models.TextField,
        models.UUIDField,
    }
)
_PLAIN = frozenset({bool, datetime, str, type(None), UUID})
_OTHER = object()


def insert(*instances: models.Model, only_if: Condition | None = None) -> bool:
    """Write new rows, as `save(force_insert=True)` does, without signals, all in one statement.

    With `only_if` return whether that held. Rows cannot refer to others of the same statement.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    condition = "" if only_if is None else f" WHERE {only_if.sql}"
    parts: list[str] = []
    params: list[Any] = []
    for instance in instances:
        rows = _insertion(type(instance))
        places: list[str] = []
        for field, is_plain in rows.fields:
            value = getattr(instance, field.attname) if is_plain else _OTHER
            if type(value) in _PLAIN:
                places.append("%s")
                params.append(value)
            else:
                place, values = _written(field, field.pre_save(instance, add=True), connection)
                places.append(place)
                params += values
        parts.append(f"{rows.before}{', '.join(places)}{condition}{rows.after}")
        params += only_if.params if only_if is not None else ()
    with cursor_of(connection) as cursor:
        cursor.execute(_all_in_one(parts), params)
        written = cursor.fetchone()
    if written is None or None in written:
        return False
    for instance, key in zip(instances, written, strict=True):
        instance.pk = key
        instance._state.adding = False
        instance._state.db = DEFAULT_DB_ALIAS
    return True


def _all_in_one(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    named = [f"row{number} AS ({part})" for number, part in enumerate(parts)]
    keys = [f"(SELECT * FROM row{number})" for number in range(len(parts))]
    return f"WITH {', '.join(named)} SELECT {', '.join(keys)}"


class _Insertion(NamedTuple):
    """How a model's rows are written: each field, and whether its value goes there as it is."""

    fields: Sequence[tuple[models.Field[Any, Any], bool]]
    before: str
    after: str


@cache
def _insertion(model: type[models.Model]) -> _Insertion:
    """Return the fields that are written, and the SQL around their values."""
    key = model._meta.pk
    fields = [field for field in model._meta.local_concrete_fields if field is not key]
    if not isinstance(key, models.AutoField | models.BigAutoField):
        fields.append(key)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    before = f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT '
    plain = [(field, type(field) in _AS_THEY_ARE and not _is_made(field)) for field in fields]
    return _Insertion(plain, before, f' RETURNING "{key.column}"')


def _is_made(field: models.Field[Any, Any]) -> bool:
    return bool(getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))


def _written(
    field: models.Field[Any, Any], value: Any, connection: BaseDatabaseWrapper
) -> tuple[str, Sequence[Any]]:
    if not hasattr(value, "resolve_expression"):
        return "%s", [field.get_db_prep_save(value, connection)]
    compiler = InsertQuery(field.model).get_compiler(connection=binding_of(connection))
    expression = value.resolve_expression(compiler.query, allow_joins=False, for_save=True)
    sql, params = compiler.compile(expression)
    return str(sql), params
