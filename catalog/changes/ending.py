"""End a version: announce it in time, put it off, take it back, write down what the clock did."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion
from catalog.changes.events import ChangeEvent, DeprecationEvent
from catalog.changes.models import Deprecation, Entry, Reminder
from catalog.plans.models import Environment, Plan
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused
from portal.events.log import record

# From the nearest on: who comes late reminds of that alone.
STEPS = (7, 30, 60, 90)
_LIVING = (ApiVersion.Status.BETA, ApiVersion.Status.STABLE)


class TooSoon(Refused):
    code = "notice_too_short"


def notice_of(api: Api) -> timedelta:
    """Return how long before its end a version must be announced: the longest that was promised."""
    longest = Plan.objects.filter(api=api).aggregate(days=Max("notice_days"))["days"]
    return timedelta(days=longest or 0)


@transaction.atomic
def announce_deprecation(
    version: ApiVersion,
    *,
    by: Actor,
    deprecated_at: datetime,
    sunset_at: datetime,
    successor: ApiVersion | None = None,
    no_successor: str = "",
    guide: str = "",
    segments: Collection[str] = tuple(Environment),
) -> Deprecation:
    """Say when the version ends and how its users go on; the gateway says so by the clock."""
    require(by, Permission.ANNOUNCE_DEPRECATION)
    now = timezone.now()
    version = ApiVersion.objects.select_for_update().select_related("api").get(pk=version.pk)
    if version.status not in _LIVING:
        raise Conflict(f"{version} is {version.status}.", code="version_not_living")
    if Deprecation.objects.announced().filter(version=version).exists():
        raise Conflict(f"The end of {version} is announced already.", code="already_announced")
    _refuse_too_soon(version.api, sunset_at, at=now)
    if sunset_at < deprecated_at:
        raise _refused("sunset_at", "It cannot end before it is deprecated.", "dates_reversed")
    if (successor is None) == (not no_successor.strip()):
        words = "Name the version that follows, or say what users do without one."
        raise _refused("successor", words, "successor_missing")
    if successor is not None:
        successor.refresh_from_db(fields=["status", "sunset_at"])
    if successor is not None and not _goes_on(successor, beyond=sunset_at, than=version):
        words = "Name another version that is published and does not end before this one."
        raise _refused("successor", words, "successor_ends_too")
    deprecation = Deprecation.objects.create(
        version=version,
        successor=successor,
        no_successor=no_successor.strip(),
        guide=guide,
        segments=sorted(segments),
        announced_at=now,
    )
    ApiVersion.objects.filter(pk=version.pk).update(
        deprecated_at=deprecated_at, sunset_at=sunset_at
    )
    version.deprecated_at, version.sunset_at = deprecated_at, sunset_at
    if deprecated_at <= now:
        version.move_to(ApiVersion.Status.DEPRECATED)
    deprecation.version = version
    _record(DeprecationEvent.ANNOUNCED, deprecation, by=by)
    _tell(deprecation, Entry.Kind.DEPRECATED, f"{version.label} ends on {_day(sunset_at)}", by=by)
    return deprecation


@transaction.atomic
def extend_deprecation(deprecation: Deprecation, *, by: Actor, sunset_at: datetime) -> None:
    """Let the version answer for longer; an end is never brought forward."""
    require(by, Permission.ANNOUNCE_DEPRECATION)
    version = _locked(deprecation)
    if version.sunset_at is None or sunset_at <= max(version.sunset_at, timezone.now()):
        raise _refused("sunset_at", "Choose a day after the one that was announced.", "not_later")
    ApiVersion.objects.filter(pk=version.pk).update(sunset_at=sunset_at)
    version.sunset_at = sunset_at
    deprecation.version = version
    _record(DeprecationEvent.EXTENDED, deprecation, by=by)
    title = f"{version.label} answers longer, until {_day(sunset_at)}"
    _tell(deprecation, Entry.Kind.EXTENDED, title, by=by)


@transaction.atomic
def withdraw_deprecation(deprecation: Deprecation, *, by: Actor) -> None:
    """Take the announcement back: the version goes on without an end."""
    require(by, Permission.ANNOUNCE_DEPRECATION)
    version = _locked(deprecation)
    now = timezone.now()
    if version.has_ended(at=now):
        raise Conflict(f"{version} has ended; extend it if it should answer.", code="has_ended")
    deprecation.move_to(Deprecation.Status.WITHDRAWN, closed_at=now)
    ApiVersion.objects.filter(pk=version.pk).update(deprecated_at=None, sunset_at=None)
    version.deprecated_at = version.sunset_at = None
    if version.status == ApiVersion.Status.DEPRECATED:
        version.move_to(ApiVersion.Status.STABLE)
    deprecation.version = version
    _record(DeprecationEvent.WITHDRAWN, deprecation, by=by)
    _tell(deprecation, Entry.Kind.KEPT, f"{version.label} goes on, without an end", by=by)


def write_down_ends() -> int:
    """Write down what the clock already decided, one version per transaction."""
    now = timezone.now()
    written = 0
    for deprecation in Deprecation.objects.begun(at=now).select_related("version__api"):
        try:
            deprecation.version.move_to(ApiVersion.Status.DEPRECATED)
        except Conflict:
            continue  # Somebody was faster.
        written += 1
    for deprecation in Deprecation.objects.over(at=now).select_related("version__api"):
        written += _end(deprecation)
    return written


def remind_of_ends() -> int:
    """Remind of each end that has come near, the nearest step once; return how many.

    A run that comes late reminds of the step that fits now and of none that has passed.
    """
    now = timezone.now()
    reminded = 0
    for days in STEPS:
        near = Deprecation.objects.announced().filter(
            version__sunset_at__gt=now, version__sunset_at__lte=now + timedelta(days=days)
        )
        for deprecation in near.select_related("version__api"):
            reminded += _remind(deprecation, days=days, at=now)
    return reminded


@transaction.atomic
def _end(deprecation: Deprecation) -> bool:
    version = _locked(deprecation)
    if not version.has_ended(at=timezone.now()):
        return False  # It was extended since the query.
    if version.status != ApiVersion.Status.DEPRECATED:
        version.move_to(ApiVersion.Status.DEPRECATED)
    version.move_to(ApiVersion.Status.SUNSET)
    deprecation.move_to(Deprecation.Status.ENDED, closed_at=version.sunset_at)
    deprecation.version = version
    _record(DeprecationEvent.ENDED, deprecation, by=SYSTEM)
    _tell(deprecation, Entry.Kind.ENDED, f"{version.label} has ended", by=SYSTEM)
    return True


@transaction.atomic
def _remind(deprecation: Deprecation, *, days: int, at: datetime) -> bool:
    version = _locked(deprecation)
    ends_at = version.sunset_at
    if ends_at is None or not at < ends_at <= at + timedelta(days=days):
        return False  # It was extended since the query.
    said = Reminder.objects.filter(deprecation=deprecation, sunset_at=ends_at, days__lte=days)
    # What was announced later than that step has just been told.
    was_just_told = deprecation.announced_at > ends_at - timedelta(days=days)
    if was_just_told or said.exists():
        return False
    Reminder.objects.create(deprecation=deprecation, sunset_at=ends_at, days=days)
    deprecation.version = version
    _record(DeprecationEvent.REMINDED, deprecation, by=SYSTEM, days_left=days)
    return True


def _locked(deprecation: Deprecation) -> ApiVersion:
    """Hold the version, whose dates everything is decided by."""
    version = ApiVersion.objects.select_for_update(of=("self",)).select_related("api")
    found = version.get(pk=deprecation.version_id)
    deprecation.refresh_from_db(fields=["status"])
    if deprecation.status != Deprecation.Status.ANNOUNCED:
        raise Conflict(f"The {deprecation} is {deprecation.status}.", code="not_announced")
    return found


def _goes_on(successor: ApiVersion, *, beyond: datetime, than: ApiVersion) -> bool:
    is_out = successor.status in ApiVersion.PUBLIC_STATUSES and successor.pk != than.pk
    return is_out and (successor.sunset_at is None or successor.sunset_at > beyond)


def _refuse_too_soon(api: Api, sunset_at: datetime, *, at: datetime) -> None:
    earliest = at + notice_of(api)
    if sunset_at < earliest:
        raise TooSoon(
            f"The plans of {api} promise that its users hear of it {notice_of(api).days} days"
            f" before, so it may end on {_day(earliest + timedelta(days=1))} at the earliest.",
            errors={"sunset_at": [f"Not before {_day(earliest + timedelta(days=1))}."]},
        )


def _refused(field: str, words: str, code: str) -> Refused:
    return Refused(words, code=code, errors={field: [words]})


def _tell(deprecation: Deprecation, kind: Entry.Kind, title: str, *, by: Actor) -> None:
    """Write it into the changelog, published: an announcement is not kept back."""
    now = timezone.now()
    entry = Entry.objects.create(
        api=deprecation.version.api,
        version=deprecation.version,
        kind=kind,
        title=title,
        words=deprecation.guide if kind == Entry.Kind.DEPRECATED else "",
        status=Entry.Status.PUBLISHED,
        published_at=now,
    )
    record(
        ChangeEvent.PUBLISHED,
        entry,
        by=by,
        api=entry.api.slug,
        label=entry.version.label,
        entry_kind=entry.kind,
        breaking_count=0,
    )


def _record(
    kind: DeprecationEvent, deprecation: Deprecation, *, by: Actor, days_left: int | None = None
) -> None:
    version = deprecation.version
    record(
        kind,
        deprecation,
        by=by,
        api=version.api.slug,
        label=version.label,
        deprecated_at=version.deprecated_at.isoformat() if version.deprecated_at else None,
        sunset_at=version.sunset_at.isoformat() if version.sunset_at else None,
        successor=deprecation.successor.label if deprecation.successor else None,
        days_left=days_left,
    )


def _day(instant: datetime) -> str:
    return f"{instant:%-d %B %Y}"
