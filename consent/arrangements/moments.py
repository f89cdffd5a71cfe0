"""Instants as people read them: in their own zone, and in the language that is spoken now."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_A_DAY = timedelta(days=1)
_AN_HOUR = timedelta(hours=1)
# From here on days say less than months do.
_MANY_DAYS = 60
_A_MONTH_OF_DAYS = 30.44


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of that name, or UTC when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def moment(instant: datetime, zone: str, *, seconds: bool = False) -> str:
    """Return an instant in a person's zone: “12 March 2026, 10:38 (Europe/Vilnius)”."""
    local = instant.astimezone(zone_of(zone))
    return _("%(day)s, %(clock)s (%(zone)s)") % {
        "day": day(instant, zone),
        "clock": local.strftime("%H:%M:%S" if seconds else "%H:%M"),
        "zone": local.tzinfo,
    }


def day(instant: datetime, zone: str) -> str:
    return date_format(instant.astimezone(zone_of(zone)), "j F Y")


def clock(instant: datetime, zone: str) -> str:
    """Return the time of day to the second, where the day stands beside it already."""
    return instant.astimezone(zone_of(zone)).strftime("%H:%M:%S")


def until(instant: datetime, zone: str) -> str:
    return _("Until %(moment)s") % {"moment": moment(instant, zone)}


def in_how_long(instant: datetime, at: datetime) -> str:
    """Return how far away an instant is: “in 12 months”, “in 3 days”, “within the hour”."""
    left = instant - at
    if left <= timedelta():
        return _("now")
    if left < _AN_HOUR:
        return _("within the hour")
    if left < _A_DAY:
        hours = left // _AN_HOUR
        return ngettext("in %(count)d hour", "in %(count)d hours", hours) % {"count": hours}
    days = round(left / _A_DAY)
    if days < _MANY_DAYS:
        return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}
    months = round(days / _A_MONTH_OF_DAYS)
    return ngettext("in %(count)d month", "in %(count)d months", months) % {"count": months}


def period(start: datetime, end: datetime, zone: str) -> str:
    """Return how long something was allowed for, in days where they are whole."""
    days, rest = divmod(end - start, _A_DAY)
    # The end counts from when the screen was drawn, the beginning from the answer to it.
    if _A_DAY - rest < timedelta(minutes=15):
        days, rest = days + 1, timedelta(0)
    if days and rest < timedelta(minutes=1):
        return ngettext("for %(count)d day", "for %(count)d days", days) % {"count": days}
    return _("until %(moment)s") % {"moment": moment(end, zone)}
