"""The changelog as Markdown, for people's notes and for programs that read."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.apis.models import Api
from catalog.apis.plain import cell, plain
from catalog.changes import pages
from catalog.changes.models import Comparison, Entry
from catalog.changes.timeline import Line, Moment
from portal.ui.addresses import address


def news_text(entries: Iterable[Entry], *, coming: Iterable[Moment]) -> str:
    happened = [_entry(entry, name=entry.api.name) for entry in entries]
    return _joined(["# Changes", *_coming(coming, names_api=True), *_happened(happened)])


def changelog_text(api: Api, *, history: Iterable[Line], coming: Iterable[Moment]) -> str:
    happened = [_line(line) for line in history]
    title = f"# Changelog of {cell(api.name)}"
    return _joined([title, *_coming(coming, names_api=False), *_happened(happened)])


def entry_text(entry: Entry) -> str:
    """Return an entry with every single change, what breaks programs first."""
    title = f"# {cell(entry.api.name)}: {cell(entry.title)}"
    lines = [title, "", f"{_day(entry.published_at)}, {cell(entry.version.label)}"]
    if entry.words:
        lines += ["", plain(entry.words_html)]
    return _joined([*lines, *(_changes(entry.comparison) if entry.comparison else ())])


def _changes(comparison: Comparison) -> list[str]:
    lines: list[str] = []
    for level, (title, _) in pages.LEVELS.items():
        found = pages.lines_of(comparison, level=level)
        if found:
            lines += ["", f"## {title}", ""]
            lines += [f"- {cell(pages.plain(rule, change))}" for change, rule in found]
    return lines or ["", "Nothing that callers notice."]


def _coming(moments: Iterable[Moment], *, names_api: bool) -> list[str]:
    rows = []
    for one in moments:
        name = f"{cell(one.version.api.name)} " if names_api else ""
        rows.append(f"- {_day(one.at)}: {name}{cell(one.words)}")
    return ["", "## What is coming", "", *rows] if rows else []


def _happened(rows: list[str]) -> list[str]:
    return ["", "## What happened", "", *(rows or ["Nothing yet."])]


def _line(line: Line) -> str:
    if line.entry is not None:
        return _entry(line.entry)
    return f"- {_day(line.at)}: {cell(line.moment.words if line.moment else '')}"


def _entry(entry: Entry, *, name: str = "") -> str:
    page = address("changes:entry_text", entry.api.slug, str(entry.pk))
    breaks = " (breaks programs)" if entry.is_breaking else ""
    title = cell(f"{name}: {entry.title}" if name else entry.title)
    return f"- {_day(entry.published_at)}: [{title}]({page}){breaks}"


def _day(instant: object) -> str:
    return f"{instant:%-d %B %Y}" if instant is not None else ""


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip() + "\n"
