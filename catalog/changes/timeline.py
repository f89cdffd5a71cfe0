"""What happened to an API, and what is planned, one line each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from catalog.apis.models import ApiVersion
from catalog.changes.models import Entry


@dataclass(frozen=True, slots=True)
class Moment:
    """A line without an entry of its own: what the dates of a version say."""

    at: datetime
    tone: str
    words: str
    version: ApiVersion


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, or a moment of a version that has none."""

    at: datetime
    tone: str
    entry: Entry | None = None
    moment: Moment | None = None


def coming_of(versions: Iterable[ApiVersion], *, at: datetime) -> list[Moment]:
    """Return what is planned, the next thing first."""
    return sorted((one for one in _moments(versions) if one.at > at), key=lambda one: one.at)


def history_of(
    versions: Iterable[ApiVersion], *, entries: Iterable[Entry], at: datetime
) -> list[Line]:
    """Return entries and what the dates of versions say beside them, newest first.

    A version that was published before there was a changelog has no entry that says so.
    """
    told = list(entries)
    known = {(entry.version_id, entry.kind) for entry in told}
    lines = [Line(entry.published_at or at, _tone(entry), entry=entry) for entry in told]
    oldest = min((line.at for line in lines), default=at) if len(told) > 1 else None
    for moment in _moments(versions):
        is_published = moment.at == moment.version.published_at
        is_told = is_published and (moment.version.pk, Entry.Kind.VERSION) in known
        is_of_another_page = oldest is not None and moment.at < oldest and not is_published
        if moment.at <= at and not is_told and not is_of_another_page:
            lines.append(Line(moment.at, moment.tone, moment=moment))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _moments(versions: Iterable[ApiVersion]) -> Iterable[Moment]:
    for version in versions:
        for instant, tone, words in (
            (version.sunset_at, "danger", "{} stops answering"),
            (version.deprecated_at, "warning", "{} is deprecated"),
            (version.published_at, "info", "{} is published"),
        ):
            if instant is not None:
                yield Moment(instant, tone, words.format(version.label), version)


def _tone(entry: Entry) -> str:
    return "warning" if entry.is_breaking else "info"
