"""What is done behind an answer's back: soon, in batches, by one thread of this process."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.util import Finalize
from typing import Generic, TypeVar

T = TypeVar("T")
_BATCH = 500
_logger = logging.getLogger(__name__)


class Behind(Generic[T]):
    """Things that wait for `deal`, which nobody who brings one waits for.

    Only for what may be lost: what a killed process had not dealt with is gone, and while `room`
    things wait, more are dropped. At a normal end of the process what waits is dealt with.
    """

    def __init__(
        self, deal: Callable[[Sequence[T]], None], *, room: int = 5_000, pause: float = 0.05
    ) -> None:
        self._deal, self._room, self._pause = deal, room, pause
        self._waiting: deque[T] = deque()
        self._dealing, self._starting = threading.Lock(), threading.Lock()
        self._called = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, thing: T) -> bool:
        """Take a thing in, or drop it where too many wait; return which."""
        if len(self._waiting) >= self._room:
            return False
        self._waiting.append(thing)
        if not self._called.is_set():
            self._call()
        return True

    def settle(self) -> None:
        """Deal with all that was put before, here and now."""
        with self._dealing:
            while batch := self._take():
                try:
                    self._deal(batch)
                except Exception:
                    _logger.exception("behind_failed")

    def _take(self) -> list[T]:
        count = min(len(self._waiting), _BATCH)
        return [self._waiting.popleft() for _ in range(count)]

    def _call(self) -> None:
        """Wake the thread, or start it: after a fork there is none."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                if self._thread is None:
                    # Not `atexit`: a web server's workers end without what was registered there.
                    Finalize(None, self.settle, exitpriority=1)
                self._thread = threading.Thread(target=self._run, name="behind", daemon=True)
                self._thread.start()
            self._called.set()

    def _run(self) -> None:
        while True:
            self._called.wait()
            # Waking a thread costs more than dealing with a thing: more come in meanwhile.
            time.sleep(self._pause)
            self._called.clear()
            self.settle()
