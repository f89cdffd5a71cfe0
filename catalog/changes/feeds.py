"""The changelog for programs: Atom (RFC 4287), and ends of versions as a calendar (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed

from catalog.apis.models import ApiVersion
from catalog.changes.comparisons import changes_in
from catalog.changes.diff.rules import RULES, Level
from catalog.changes.models import Entry
from catalog.changes.pages import plain
from catalog.specs.markdown import to_text

ATOM = "application/atom+xml; charset=utf-8"
ICALENDAR = "text/calendar; charset=utf-8"
_LINE = 73


def atom(entries: Iterable[Entry], *, title: str, page: str, here: str) -> str:
    """Return the feed; `page` and `here` are paths of the portal."""
    feed = Atom1Feed(
        title=title,
        link=f"{settings.ISSUER}{page}",
        description="",
        feed_url=f"{settings.ISSUER}{here}",
        language="en",
    )
    for entry in entries:
        address = f"{settings.ISSUER}{entry.get_absolute_url()}"
        feed.add_item(
            title=f"{entry.api.name}: {entry.title}",
            link=address,
            description=_summary(entry),
            unique_id=address,
            pubdate=entry.published_at,
            updateddate=entry.published_at,
            categories=["breaking"] if entry.is_breaking else [],
        )
    return feed.writeString("utf-8")


def calendar(versions: Iterable[ApiVersion], *, at: datetime) -> str:
    """Return a day for each version that stops answering."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Meridian//Changes//EN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Versions that stop answering",
    ]
    for version in versions:
        lines += _event(version, at=at)
    lines.append("END:VCALENDAR")
    return "".join(f"{line}\r\n" for whole in lines for line in _folded(whole))


def _event(version: ApiVersion, *, at: datetime) -> list[str]:
    if version.sunset_at is None:
        return []
    ends = version.sunset_at.astimezone(UTC)
    page = f"{settings.ISSUER}{version.get_absolute_url()}"
    return [
        "BEGIN:VEVENT",
        f"UID:sunset-{version.pk}@{settings.ISSUER.partition('//')[2]}",
        f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{ends:%Y%m%dT%H%M%SZ}",
        f"DTEND:{ends + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{_escaped(f'{version.api.name} {version.label} stops answering')}",
        f"DESCRIPTION:{_escaped(f'From then on every call is answered with 410. {page}')}",
        f"URL:{page}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _summary(entry: Entry) -> str:
    told = to_text(entry.words, max_length=500)
    comparison = entry.comparison
    if comparison is None:
        return told
    breaking = [
        plain(RULES[change.rule], change)
        for change in changes_in(comparison)
        if change.level is Level.BREAKING
    ]
    more = f"And {len(breaking) - 10} more." if len(breaking) > 10 else ""
    return " ".join(filter(None, [told, *breaking[:10], more]))


def _escaped(text: str) -> str:
    """Escape what means something in a calendar's text (RFC 5545 §3.3.11)."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def _folded(line: str) -> Iterator[str]:
    """Break a line of more than 75 bytes, never inside of a character (RFC 5545 §3.1)."""
    part = ""
    for character in line:
        if len((part + character).encode()) > _LINE:
            yield part
            part = " "
        part += character
    yield part
