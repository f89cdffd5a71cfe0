"""Charts, meters and rulers as SVG whose numbers are attributes, so that no style is inline.

Nothing is scaled except the plotted shapes: the outer `<svg>` has no viewBox, so text keeps its
size at any width, and an inner one of 100 x 100 carries the paths. Values are in the caller's unit,
positions in per cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

NOTHING = SafeString()


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart; the past and the others are dashed."""

    values: Sequence[float]
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    low: float
    high: float
    ticks: Sequence[float] = ()
    unit: str = ""

    def y(self, value: float) -> str:
        return number(100 - (value - self.low) / ((self.high - self.low) or 1) * 100)


@dataclass(frozen=True, slots=True)
class Span:
    """A bar of a ruler from `start` to `end` per cent; an open one is planned, not agreed."""

    start: float
    end: float
    tone: str = "info"
    is_open: bool = False


def line(
    label: str,
    series: Sequence[Series],
    scale: Scale,
    *,
    goal: tuple[float, str] | None = None,
    has_area: bool = False,
) -> SafeString:
    """Return a line for each series; `goal` is a value and its name. `label` says what to see."""
    shapes = [
        _line_shapes(place, one, scale, has_area=has_area and place == 1)
        for place, one in enumerate(series, 1)
        if len(one.values) > 1
    ]
    plot = format_html(
        '{}<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%"'
        ' overflow="visible">{}</svg>',
        _goal(goal, scale),
        _joined(shapes),
    )
    return _framed(label, scale, plot)


def columns(label: str, stacks: Sequence[Sequence[float]], scale: Scale) -> SafeString:
    """Return one column for each stack, a value for each series, bottom first."""
    width = 100 / max(len(stacks), 1)
    bars = []
    for place, stack in enumerate(stacks):
        base = 0.0
        for series, value in enumerate(stack, 1):
            if value:
                bars.append(
                    format_html(
                        '<rect class="chart-bar" data-series="{}" x="{}%" width="{}%"'
                        ' y="{}%" height="{}%"/>',
                        series,
                        number((place + 0.18) * width),
                        number(width * 0.64),
                        scale.y(base + value),
                        number(value / scale.high * 100),
                    )
                )
            base += value
    return _framed(label, scale, _joined(bars))


def spark(
    values: Sequence[float], label: str = "", *, series: int = 1, from_zero: bool = False
) -> SafeString:
    """Return a line the size of a word; without a label it is decoration beside its number."""
    if len(values) < 2:
        return NOTHING
    scale = Scale(0 if from_zero else min(values), max(values))
    if scale.low == scale.high:
        scale = Scale(scale.low, scale.low + 1)
    said = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="spark" {} viewBox="0 0 100 100" preserveAspectRatio="none">'
        '<path class="chart-line" data-series="{}" d="{}"/>'
        '<path class="chart-dot" data-series="{}" d="M100 {}h0"/></svg>',
        said,
        series,
        _path(values, scale),
        series,
        scale.y(values[-1]),
    )


def meter(value: float, label: str, tone: str = "") -> SafeString:
    """Return how full something is, from 0 to 100 per cent."""
    return format_html(
        '<svg class="meter" role="img" aria-label="{}"{}><rect width="{}%" height="100%"/></svg>',
        label,
        format_html(' data-tone="{}"', tone) if tone else "",
        number(_within(value)),
    )


def bar(value: float, series: int = 1) -> SafeString:
    """Return a bar for a list of bars; the number stands beside it."""
    return format_html(
        '<svg aria-hidden="true"><rect class="chart-bar" data-series="{}" width="{}%"'
        ' height="100%"/></svg>',
        series,
        number(_within(value)),
    )


def ruler(
    label: str,
    spans: Iterable[Span],
    now: float,
    *,
    ticks: Iterable[float] = (),
    height: int = 10,
    has_rest: bool = False,
) -> SafeString:
    """Return one row of a ruler; `now` is where today is, `has_rest` draws the part to come."""
    shift = number(-height / 2)
    rest = format_html(
        '<rect class="ruler-rest" x="0" width="100%" y="50%" height="{}"'
        ' transform="translate(0 {})" rx="2"/>',
        height,
        shift,
    )
    bars = [
        format_html(
            '<rect class="ruler-bar{}" data-tone="{}" x="{}%" width="{}%" y="50%" height="{}"'
            ' transform="translate(0 {})" rx="2"/>',
            " ruler-bar--open" if span.is_open else "",
            span.tone,
            number(span.start),
            number(max(span.end - span.start, 0)),
            height,
            shift,
        )
        for span in spans
    ]
    return format_html(
        '<svg role="img" aria-label="{}">{}{}{}'
        '<line class="ruler-now" x1="{}%" x2="{}%" y1="0" y2="100%"/></svg>',
        label,
        _verticals("ruler-tick", ticks),
        rest if has_rest else "",
        _joined(bars),
        number(_within(now)),
        number(_within(now)),
    )


def number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _within(value: float) -> float:
    return min(max(float(value), 0.0), 100.0)


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def _path(values: Sequence[float], scale: Scale) -> str:
    step = 100 / (len(values) - 1)
    return "M" + " L".join(
        f"{number(place * step)} {scale.y(value)}" for place, value in enumerate(values)
    )


def _line_shapes(place: int, series: Series, scale: Scale, *, has_area: bool) -> SafeString:
    path = _path(series.values, scale)
    area = format_html(
        '<path class="chart-area" data-series="{}" d="{} L100 100 L0 100 Z"/>', place, path
    )
    dot = format_html(
        '<path class="chart-dot" data-series="{}" d="M100 {}h0"/>',
        place,
        scale.y(series.values[-1]),
    )
    return format_html(
        '{}<path class="chart-line" data-series="{}"{} d="{}"/>{}',
        area if has_area else "",
        place,
        SafeString(" data-dash") if series.is_dashed else "",
        path,
        "" if series.is_dashed else dot,
    )


def _goal(goal: tuple[float, str] | None, scale: Scale) -> SafeString:
    if goal is None:
        return NOTHING
    value, name = goal
    return format_html(
        '<line class="chart-target" x1="0" x2="100%" y1="{0}%" y2="{0}%"/>'
        '<text class="chart-target-label" x="100%" y="{0}%" dy="-5" text-anchor="end">{1}</text>',
        scale.y(value),
        name,
    )


def _verticals(kind: str, places: Iterable[float]) -> SafeString:
    return format_html_join(
        "",
        '<line class="{}" x1="{}%" x2="{}%" y1="0" y2="100%"/>',
        ((kind, number(place), number(place)) for place in places),
    )


def _framed(label: str, scale: Scale, plot: SafeString) -> SafeString:
    """Put the scale beside the plot and its lines behind it."""
    numbers = format_html_join(
        "",
        '<text x="80%" y="{}%" dy=".32em" text-anchor="end">{}{}</text>',
        ((scale.y(tick), f"{tick:,.10g}", scale.unit) for tick in scale.ticks),
    )
    grid = format_html_join(
        "",
        '<line class="chart-{}" x1="0" x2="100%" y1="{}%" y2="{}%"/>',
        (
            ("base" if tick == scale.low else "grid", scale.y(tick), scale.y(tick))
            for tick in scale.ticks
        ),
    )
    return format_html(
        '<div class="chart-plot"><svg aria-hidden="true">{}</svg>'
        '<svg role="img" aria-label="{}">{}{}</svg></div>',
        numbers,
        label,
        grid,
        plot,
    )
