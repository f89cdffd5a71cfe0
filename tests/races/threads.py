"""Deeds at the same moment, each on a connection of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from random import Random
from threading import Barrier
from threading import Event as Signal
from typing import Any

from django.db import connection
from django.utils import timezone

from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement
from consent.oauth.models import AccessToken, RefreshToken
from partners.organizations.actors import actor_of
from portal.errors import Conflict
from tests.factories.oauth import World

Deed = Callable[[], Any]
PATIENCE = 20


def at_once(*deeds: Deed, seed: int | None = None) -> list[Any]:
    """Run the deeds at the same moment; that one of them came too late is a result too.

    With a seed each of them dawdles before its statements, so that another seed is another order.
    """
    barrier = Barrier(len(deeds))

    def run(place: int, deed: Deed) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=PATIENCE)
            with nullcontext() if seed is None else connection.execute_wrapper(dawdle(seed, place)):
                return deed()
        except Conflict as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, range(len(deeds)), deeds))


def dawdle(seed: int, place: int) -> Callable[..., Any]:
    """Return a wrapper that waits before each statement: mostly next to nothing, at times long."""
    moments = Random(f"{seed}/{place}")  # noqa: S311 - scatter, not secrecy
    head_start = moments.random() / 100

    def wait(execute: Any, *statement: Any) -> Any:
        nonlocal head_start
        time.sleep(head_start + moments.random() ** 4 / 500)
        head_start = 0.0
        return execute(*statement)

    return wait


def live_tokens(**of: Any) -> list[Any]:
    """Return every access and refresh token, or those of an arrangement, that counts now."""
    now = timezone.now()
    access = AccessToken.objects.filter(**of).select_related(
        "application__application__organization", "arrangement", "user"
    )
    refresh = RefreshToken.objects.filter(**of).select_related("arrangement", "user")
    return [token for token in [*access, *refresh] if token.is_live(at=now)]


def running() -> Arrangement:
    """Return the one arrangement that runs."""
    return Arrangement.objects.get(status=Arrangement.Status.ACTIVE)


def withdraw(world: World, arrangement: Arrangement) -> None:
    withdraw_arrangement(arrangement, by=actor_of(world.customer.user))


class Halt:
    """Stops a thread right before the first statement that holds these words, until it may go."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.reached, self.go = Signal(), Signal()

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        if self.words in sql and not self.reached.is_set():
            self.reached.set()
            assert self.go.wait(timeout=PATIENCE), "nobody said go"
        return execute(sql, *rest)

    def around(self, deed: Deed) -> Deed:
        """Return the deed as it is done by whoever is stopped."""

        def stopped() -> Any:
            with connection.execute_wrapper(self):
                return deed()

        return stopped
