# ruff: noqa: TID251 - an answer is what this makes

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse


def markdown(lines: Iterable[str] | str) -> HttpResponse:
    """Answer with Markdown, which no browser takes for a page."""
    text = lines if isinstance(lines, str) else "\n".join(lines).strip() + "\n"
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")
