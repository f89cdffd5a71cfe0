"""From which instant on a person decides alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

# How long what a guardian allowed may go on before the young adult has said yes to it.
GRACE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Birth:
    """A day, and the zone in which its birthdays begin: one that moving house does not change."""

    day: date
    zone: str

    def comes_of_age_at(self, years: int) -> datetime:
        """Return the instant, in UTC, at which that birthday begins: midnight where they live.

        Who was born on 29 February has it on 1 March of other years. Where the clock skips
        midnight, the day begins with its first instant.
        """
        return datetime.combine(self._birthday(years), time(), ZoneInfo(self.zone)).astimezone(UTC)

    def is_minor(self, years: int, *, at: datetime) -> bool:
        return at < self.comes_of_age_at(years)

    def _birthday(self, years: int) -> date:
        try:
            return self.day.replace(year=self.day.year + years)
        except ValueError:
            return date(self.day.year + years, 3, 1)

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {self.zone}"

    @classmethod
    def read(cls, written: str) -> Self:
        day, _, zone = written.partition(" ")
        return cls(date.fromisoformat(day), zone)
