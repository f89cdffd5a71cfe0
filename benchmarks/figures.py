"""A figure beside what it is measured against, and how figures are told."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """`ratio` is ours divided by the peer's, or the limit divided by ours: more is better.

    `target` is what the ratio is meant to reach, None where nothing was promised. `less_work` is
    how many times our processor time for one answer goes into the peer's.
    """

    name: str
    ours: float
    beside: str
    theirs: float
    unit: str
    ratio: float
    target: float | None = None
    less_work: float | None = None
    # What else the machine did meanwhile, as a share of it.
    foreign: float | None = None

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "reached" if self.ratio >= self.target else "missed"


def percentile(measured: Iterable[float], rank: int) -> float:
    """Return the smallest of the values that so many in a hundred are not above."""
    ordered = sorted(measured)
    return ordered[max(ceil(len(ordered) * rank / 100), 1) - 1]


def within(name: str, ours: float, *, limit: float, unit: str) -> Figure:
    """Return a figure that may be at most so much."""
    return Figure(name, ours, "limit", limit, unit, limit / ours, target=1)


def tell(figures: Iterable[Figure], notes: Iterable[str] = ()) -> None:
    """Print the table, and under it what is to be known about it."""
    head = (
        "figure",
        "ours",
        "beside it",
        "theirs",
        "unit",
        "ratio",
        "target",
        "",
        "work",
        "foreign",
    )
    rows = [head, *(_row(figure) for figure in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    print()
    for row in rows:
        cells = zip(row, widths, range(len(head)), strict=True)
        print("  ".join(_aligned(cell, width, place) for cell, width, place in cells).rstrip())
    print("\nratio: more is better, median over alternating rounds. work: how many times our")
    print("processor time for one answer goes into theirs. foreign: what else the machine did.")
    for note in notes:
        print(f"- {note}")


def keep(figures: Iterable[Figure], notes: Iterable[str] = ()) -> Path:
    """Write the figures down, as the newest and under their date."""
    at = datetime.now(UTC)
    report = {
        "at": at.isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "cores": os.cpu_count()},
        "figures": [asdict(figure) for figure in figures],
        "notes": list(notes),
    }
    RESULTS.mkdir(exist_ok=True)
    for name in (f"{at:%Y-%m-%d-%H%M%S}", "latest"):
        (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n")
    return RESULTS / "latest.json"


def _row(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        f"{figure.ours:.1f}",
        figure.beside,
        f"{figure.theirs:.1f}",
        figure.unit,
        f"{figure.ratio:.2f}",
        "" if figure.target is None else f"{figure.target:g}",
        figure.verdict,
        "" if figure.less_work is None else f"{figure.less_work:.2f}",
        "" if figure.foreign is None else f"{figure.foreign:.0%}",
    )


def _aligned(cell: str, width: int, place: int) -> str:
    return cell.ljust(width) if place in {0, 2, 4, 7} else cell.rjust(width)
