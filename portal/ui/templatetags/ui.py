"""Template tags: the few pieces of markup that are worth a tag."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.core.paginator import Page
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.access.actors import Actor
from portal.access.permissions import Permission, allows
from portal.ui import charts, icons
from portal.ui.browsers import spoken_browser

register = template.Library()

DEPTHS = {
    1: gettext_lazy("Public"),
    2: gettext_lazy("Internal"),
    3: gettext_lazy("Personal"),
    4: gettext_lazy("Sensitive"),
}
TIERS = {1: "Low", 2: "Moderate", 3: "High", 4: "Severe"}
HUES = 6

register.simple_tag(icons.icon, name="icon")
register.simple_tag(charts.meter, name="meter")
register.simple_tag(charts.bar, name="bar")
register.filter("browser", spoken_browser)


@register.simple_tag
def depth(level: int | None, label: str = "") -> SafeString:
    """Return the sounding of how much data reveals about a person, 1 to 4, always with the word."""
    if level not in DEPTHS:
        return SafeString()
    words = label or DEPTHS[level]
    return format_html('<span class="depth" data-level="{}">{}</span>', int(level), words)


@register.simple_tag
def tier(level: int | None) -> SafeString:
    if level not in TIERS:
        return SafeString()
    return format_html(
        '<span class="tier" data-level="{}">{} · {}</span>', int(level), int(level), TIERS[level]
    )


@register.simple_tag
def badge(text: object, tone: str = "neutral") -> SafeString:
    return format_html('<span class="badge" data-tone="{}">{}</span>', tone, text)


@register.simple_tag
def method(verb: str, *, boxed: bool = False) -> SafeString:
    return format_html(
        '<span class="method{}" data-method="{}">{}</span>',
        " method--boxed" if boxed else "",
        verb.lower(),
        verb.upper(),
    )


@register.simple_tag
def monogram(name: object, size: str = "", *, person: bool = False) -> SafeString:
    """Return two letters on a colour that stays the same for the same name."""
    text = str(name)
    kinds = ["monogram", f"monogram--{size}" if size else "", "monogram--person" if person else ""]
    return format_html(
        '<span class="{}" data-hue="{}" aria-hidden="true">{}</span>',
        " ".join(filter(None, kinds)),
        zlib.crc32(text.encode()) % HUES + 1,
        _initials(text),
    )


def _initials(text: str) -> str:
    words = text.split() or ["?"]
    return (words[0][:1] + words[1][:1] if len(words) > 1 else words[0][:2]).upper()


@register.simple_tag
def ruler_one(start: datetime, end: datetime, label: str, tone: str = "info") -> SafeString:
    """Return one span with a beginning, an end and a mark for today."""
    length = max(end - start, timedelta(seconds=1))
    elapsed = (timezone.now() - start) / length
    now = min(max(elapsed * 100, 0.8), 100)
    drawn = charts.ruler(label, [charts.Span(0, now, tone)], now, height=6, has_rest=True)
    return format_html(
        '<div class="ruler ruler--one">{}'
        '<div class="ruler-axis"><span>{}</span><span>{} {}</span></div></div>',
        drawn,
        day(start),
        _("Ended") if elapsed >= 1 else _("Ends"),
        day(end),
    )


@register.simple_tag
def spark(values: Sequence[float], label: str = "", series: int = 1) -> SafeString:
    return charts.spark(values, label, series=series)


@register.filter
def when(instant: datetime | None) -> SafeString:
    """Return the instant as people write it, with its zone: 12 March 2026, 10:38 UTC."""
    if instant is None:
        return SafeString()
    local = timezone.localtime(instant)
    return format_html(
        '<time datetime="{}">{} {}</time>',
        instant.isoformat(timespec="seconds"),
        date_format(local, "j F Y, H:i"),
        local.tzname(),
    )


@register.filter
def instant(written: str) -> datetime:
    """Return the instant that a record holds as text."""
    return datetime.fromisoformat(written)


@register.filter
def day(moment: date | datetime | None) -> SafeString:
    """Return the day as people write it: 12 March 2026."""
    if moment is None:
        return SafeString()
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    machine = local.date() if isinstance(local, datetime) else local
    return format_html(
        '<time datetime="{}">{}</time>', machine.isoformat(), date_format(local, "j F Y")
    )


@register.filter
def lag(span: timedelta | None) -> str:
    """Return how long something took, in the two largest of days, hours and minutes."""
    if span is None:
        return "–"
    minutes = int(span.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@register.filter
def may(actor: Actor | None, permission: str) -> bool:
    """Return whether the actor's own roles carry the permission: `actor|may:"audit:read"`."""
    return actor is not None and allows(actor, Permission(permission))


@register.filter
def pages(page: Page[Any]) -> Iterator[int | str]:
    """Return the page numbers worth a link: the ends, the neighbours and a gap between."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
