"""Whether what pages are made of has changed, known without asking for each page.

Triggers tell the channel `pages` when a transaction that touched the catalog commits. One thread
listens, and proves several times a second that it still could hear something.
"""

from __future__ import annotations

import os
import select
import threading
import time
from contextlib import suppress
from typing import Any

import psycopg
from django.db import connections

CHANNEL = "pages"
# What was heard longer ago is not believed: the line may be dead.
TRUSTED_FOR = 0.5
_PROOF_EVERY = 0.15
# Nobody asked for so long: the connection is given back.
_IDLE = 60.0


class Watch:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process = 0
        self._generation = 0
        self._heard_at = float("-inf")
        self._asked_at = 0.0

    def generation(self) -> int | None:
        """Return a number that changes with every change, or None when nobody can be sure of it."""
        self._asked_at = now = time.monotonic()
        if self._thread is None or self._process != os.getpid() or not self._thread.is_alive():
            self._start()
            return None
        return self._generation if now - self._heard_at < TRUSTED_FOR else None

    def _start(self) -> None:
        with self._lock:
            if self._thread and self._process == os.getpid() and self._thread.is_alive():
                return
            self._process, self._heard_at = os.getpid(), float("-inf")
            self._thread = threading.Thread(
                target=self._listen, args=[_connection_parameters()], daemon=True, name="pages"
            )
            self._thread.start()

    def _listen(self, parameters: dict[str, Any]) -> None:
        # Without it pages are made anew for each reader, as they are without this thread.
        with suppress(psycopg.Error, OSError), psycopg.connect(**parameters) as connection:
            connection.add_notify_handler(self._changed)
            connection.execute(f"LISTEN {CHANNEL}")
            # Whatever happened while nobody listened.
            self._generation += 1
            while time.monotonic() - self._asked_at < _IDLE:
                asked_at = time.monotonic()
                connection.execute("SELECT 1")
                self._heard_at = asked_at
                # A message makes the line readable; the next question takes it in.
                select.select([connection.fileno()], [], [], _PROOF_EVERY)

    def _changed(self, _: psycopg.Notify) -> None:
        self._generation += 1


def _connection_parameters() -> dict[str, Any]:
    parameters = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold", "pool", "server_side_binding"):
        parameters.pop(name, None)
    return {**parameters, "autocommit": True}


watch = Watch()
