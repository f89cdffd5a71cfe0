"""The icon set, drawn on a grid of 20: each file of `static/icons` by its name."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(__file__).resolve().parents[2] / "static/icons"


def _drawing(path: Path) -> SafeString:
    inside = re.sub(r"</?svg[^>]*>", "", path.read_text(encoding="utf-8")).strip()
    return mark_safe(inside)  # noqa: S308 - our own file


ICONS = {path.stem: _drawing(path) for path in sorted(FOLDER.glob("*.svg"))}
UNKNOWN = "file"


def icon(name: str, extra: str = "") -> SafeString:
    """Return the drawing for inside a page; a name that nobody drew becomes a file."""
    return format_html(
        '<svg class="{}" viewBox="0 0 20 20" aria-hidden="true">{}</svg>',
        f"icon {extra}".strip(),
        ICONS.get(name) or ICONS[UNKNOWN],
    )
