from __future__ import annotations

import re

MAX_KEY = 60


class Keys:
    """Gives each foreign id one key of ours, the same each time it is asked for."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, foreign: str) -> str:
        if foreign not in self._of:
            self._of[foreign] = self.new(foreign)
        return self._of[foreign]

    def new(self, foreign: str) -> str:
        """Return another one each time, for what has no id of its own."""
        base = re.sub(r"[^a-z0-9]+", "-", foreign.lower()).strip("-")[: MAX_KEY - 5].strip("-")
        if not base or not base[0].isalpha() or len(base) < 2:
            base = f"q-{base}" if base else "question"
        key, count = base, 1
        while key in self._taken:
            count += 1
            key = f"{base}-{count}"
        self._taken.add(key)
        return key


class NotReadable(ValueError):
    """A file that is not what it was said to be; the message says what is wrong."""
