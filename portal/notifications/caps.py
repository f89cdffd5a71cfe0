"""How much mail a stranger can have sent to one address."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now

from portal.notifications.models import Message

DAY = timedelta(days=1)


def has_room(address: str, *, kind: str, daily_cap: int) -> bool:
    """Whether that address may get one more message of that kind now.

    Counted in PostgreSQL and by its clock, one transaction at a time for each address: a restart,
    a second process or a wrong clock of one of them changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"mail:{kind}:{address.lower()}"],
        )
    written = Message.objects.written_to(address, kind=kind).filter(created_at__gte=Now() - DAY)
    return written.count() < daily_cap
