"""What the database gave up to let somebody else go on is done once more, from the beginning."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 4
# `serialization_failure` and `deadlock_detected`: nothing of the transaction was kept.
_GIVEN_UP = frozenset({"40001", "40P01"})


def again_when_given_up(action: Callable[P, R]) -> Callable[P, R]:
    """Repeat a transaction that PostgreSQL gave up; inside another one its owner has to."""

    @wraps(action)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return action(*args, **kwargs)
        for _ in range(TRIES - 1):
            try:
                return action(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") not in _GIVEN_UP:
                    raise
        return action(*args, **kwargs)

    return tried
