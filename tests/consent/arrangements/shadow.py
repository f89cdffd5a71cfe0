"""What ought to be, in plain Python: the portal is compared with it after each step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from tests.factories.oauth import World

OPEN = "open:read"
NEEDED = "need:read"
DATA = (NEEDED, "extra:read", "more:read")
RUNNING = {"active", "paused"}
CODE_LIFETIME = timedelta(seconds=60)
ACCESS_LIFETIME = timedelta(seconds=300)
RETRY_WINDOW = timedelta(seconds=30)
KEPT, REPLAYS_KEPT, UNCLAIMED_KEPT = timedelta(days=1), timedelta(days=7), timedelta(hours=1)


@dataclass(eq=False)
class Sharing:
    """An arrangement: the scopes of each of its versions, and how it stands."""

    pk: UUID
    ends_at: datetime
    versions: list[frozenset[str]]
    epoch: int = 1
    status: str = "active"
    is_claimed: bool = False
    asked_by: datetime | None = None
    codes: list[Issued] = field(default_factory=list)

    @property
    def version(self) -> int:
        return len(self.versions)

    @property
    def scopes(self) -> frozenset[str]:
        return self.versions[-1]

    def runs(self, at: datetime) -> bool:
        return self.status in RUNNING and at < self.ends_at

    def is_active(self, at: datetime) -> bool:
        return self.status == "active" and at < self.ends_at

    def since(self, version: int) -> frozenset[str]:
        """Return what is shared now and was never left out since that version."""
        return frozenset.intersection(*self.versions[version - 1 :])

    def end(self, status: str, at: datetime) -> None:
        if self.status in RUNNING:
            self.status = "expired" if self.ends_at <= at else status
            self.epoch += 1

    def is_unclaimed(self, at: datetime) -> bool:
        waited = bool(self.codes) and all(code.ends_at < at - UNCLAIMED_KEPT for code in self.codes)
        return self.status in RUNNING and not self.is_claimed and waited


@dataclass(eq=False)
class Issued:
    """A code or token, and what it was issued for; `family` is all that came from one code."""

    raw: str
    app: App
    sharing: Sharing
    version: int
    scopes: tuple[str, ...]
    ends_at: datetime
    family: list[Issued]
    epoch: int = 1
    over_at: datetime | None = None
    is_access: bool = False
    is_gone: bool = False
    successor: Pair | None = None

    def allowed(self) -> tuple[str, ...]:
        shared = self.sharing.since(self.version)
        return tuple(name for name in self.scopes if name == OPEN or name in shared)

    def is_backed(self, at: datetime) -> bool:
        return self.sharing.is_active(at) and self.epoch == self.sharing.epoch

    def counts(self, at: datetime) -> bool:
        """Whether it is neither over nor without a consent, whoever asks."""
        return self.over_at is None and at < self.ends_at and self.is_backed(at)

    def end_family(self, at: datetime) -> None:
        for member in self.family:
            member.over_at = member.over_at or at

    def follow(self, access: str, refresh: str, scopes: tuple[str, ...], at: datetime) -> Pair:
        """Return what is issued for it now; a refresh token's end and scopes do not move."""
        left = (self.sharing.ends_at - at).total_seconds()
        lasts = timedelta(seconds=max(1, int(min(ACCESS_LIFETIME.total_seconds(), left))))
        is_code = self not in self.family
        pair = Pair(
            replace(
                self._child(access, scopes, min(at + lasts, self.sharing.ends_at)), is_access=True
            ),
            self._child(refresh, self.scopes, self.sharing.ends_at if is_code else self.ends_at),
        )
        self.family += [pair.access, pair.refresh]
        self.over_at, self.successor = at, pair
        self.sharing.is_claimed = True
        return pair

    def _child(self, raw: str, scopes: tuple[str, ...], ends_at: datetime) -> Issued:
        return Issued(
            raw, self.app, self.sharing, self.version, scopes, ends_at, self.family, self.epoch
        )


@dataclass(eq=False)
class Pair:
    access: Issued
    refresh: Issued


class Ground(NamedTuple):
    """What a screen stands on: a yes to it is none to another version, nor to a paused one."""

    sharing: Sharing
    version: int
    status: str
    ends_at: datetime


@dataclass(eq=False)
class Screen:
    """A consent screen that was shown, and the ground it stands on."""

    app: App
    intent: Any
    asked: tuple[str, ...]
    management: str
    ground: Ground | None
    expires_at: datetime
    is_decided: bool = False

    def is_open(self, at: datetime) -> bool:
        is_stale = self.ground != self.app.ground(at)
        return not self.is_decided and not is_stale and at < self.expires_at

    def stands_but_for_its_end(self, at: datetime) -> bool:
        now = self.app.ground(at)
        return self.ground is not None and now is not None and self.ground[:3] == now[:3]


@dataclass(eq=False)
class App:
    world: World
    asks: tuple[str, ...]
    is_suspended: bool = False
    sharings: list[Sharing] = field(default_factory=list)
    screens: list[Screen] = field(default_factory=list)
    codes: list[Issued] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    subject: str = ""

    def running(self, at: datetime) -> Sharing | None:
        return next((sharing for sharing in self.sharings if sharing.runs(at)), None)

    def ground(self, at: datetime) -> Ground | None:
        sharing = self.running(at)
        if sharing is None:
            return None
        return Ground(sharing, sharing.version, sharing.status, sharing.ends_at)
