"""A guide as its readers get it: HTML with named sections, and the operations that it leads to.

Pure, but for the addresses of the catalog's pages, which are a matter of its map.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from catalog.specs.markdown import html_in, to_html
from catalog.specs.naming import slugify

LONGEST = 40_000
_MOST_OPERATIONS = 20
_SECTION = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_OPERATION = re.compile(
    r'href="/apis/([a-z0-9-]{1,80})/([A-Za-z0-9_-]{1,40})/([A-Za-z0-9_-]{1,120})/(?:[?#][^"]*)?"'
)


@dataclass(frozen=True, slots=True)
class Read:
    """`sections` are the name in the address and the title of each heading of the second level."""

    html: str
    sections: tuple[tuple[str, str], ...]
    # API, version and operation, by their names in the address, in the order of the text.
    operations: tuple[tuple[str, str, str], ...]


def read(text: str) -> Read:
    """Return the text as HTML that cannot do anything, its headings below the page's own."""
    sections: dict[str, str] = {}

    def named(found: re.Match[str]) -> str:
        title = html.unescape(_TAG.sub("", found[1])).strip()
        # Apart from the names of the page's own parts.
        name = f"s-{slugify(title, max_length=60)}"
        while name in sections:
            name += "-"
        sections[name] = title
        return f'<h2 id="{name}">{found[1]}</h2>'

    made = _SECTION.sub(named, to_html(text, max_length=LONGEST, is_ours=True))
    linked = dict.fromkeys(found.groups() for found in _OPERATION.finditer(made))
    operations = tuple((api, label, slug) for api, label, slug in linked if label != "changelog")
    return Read(made, tuple(sections.items()), operations[:_MOST_OPERATIONS])


def markup_in(text: str) -> int | None:
    """Return the first line that holds HTML, or None: a guide is Markdown and nothing else.

    Its words are handed on as they were written to whoever asks for them with `.md`.
    """
    return html_in(text[:LONGEST])
