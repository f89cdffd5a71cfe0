"""Let the demo world have a past: what is done inside happens at that instant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Any
from unittest.mock import patch

from django.utils import timezone


class _Kind(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, datetime)


@contextmanager
def at(instant: datetime) -> Iterator[datetime]:
    """Stop the portal's clock; models hold on to `timezone.now` itself, so that one stays."""

    class Stopped(metaclass=_Kind):
        @staticmethod
        def now(tz: tzinfo | None = None) -> datetime:
            return instant.astimezone(tz)

    with patch.object(timezone, "datetime", Stopped):
        yield instant
