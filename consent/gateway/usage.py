"""Count what was decided, by client, operation, reason and hour."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from consent.gateway.decision import Reason
from consent.gateway.models import Undeclared, Usage


def count_decision(client_pk: int, operation_key: str, reason: Reason, *, at: datetime) -> None:
    """Add one in a single statement; two workers that count at once lose nothing."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Usage._meta.db_table}"  # noqa: S608 - our own table's name
            " (client_id, operation_key, hour, reason, call_count) VALUES (%s, %s, %s, %s, 1)"
            " ON CONFLICT (client_id, operation_key, hour, reason)"
            " DO UPDATE SET call_count = gateway_usage.call_count + 1",
            [client_pk, operation_key, hour, reason.value],
        )


def count_unknown(client_pk: int, version_key: str, *, at: datetime) -> None:
    """Add one call to a path that no operation of the version has.

    It is counted for the version: what stands in such a path may be data, so it is not kept.
    """
    count_decision(client_pk, f"{version_key}/", Reason.OPERATION_UNKNOWN, at=at)


def count_undeclared(operation_key: str, count: int, *, at: datetime) -> None:
    """Add up the fields that were dropped because the description does not name them."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Undeclared._meta.db_table} (operation_key, hour, field_count)"  # noqa: S608
            " VALUES (%s, %s, %s) ON CONFLICT (operation_key, hour)"
            " DO UPDATE SET field_count = gateway_undeclared.field_count + EXCLUDED.field_count",
            [operation_key, hour, count],
        )
