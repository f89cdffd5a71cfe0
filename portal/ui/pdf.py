"""Documents as PDF that everybody can read: PDF/UA-1 for screen readers, PDF/A-2a for the years.

A `Document` is words in an order; `render` sets them. The same document is the same bytes, always:
the only instant in it is its own. Text stays text, tagged, in its language and direction, in fonts
that come with the file, for Latin, Greek, Cyrillic and Arabic writing.
"""

from __future__ import annotations

import json
import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import typst
from django.conf import settings
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

logger = logging.getLogger(__name__)
TEMPLATE = Path(settings.BASE_DIR) / "templates" / "pdf" / "document.typ"
FONT_PACKAGES = ("fontpkg_noto_sans", "fontpkg_ibm_plex_sans_arabic")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below the title, which is level 1: levels 2 and 3, none left out."""

    kind: ClassVar[str] = "heading"
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    kind: ClassVar[str] = "paragraph"
    text: str
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    kind: ClassVar[str] = "bullets"
    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Terms:
    """Names with what they stand for, in pairs: what HTML calls a definition list."""

    kind: ClassVar[str] = "terms"
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; each row has as many cells as the head."""

    kind: ClassVar[str] = "table"
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Code:
    """Characters that a person may have to compare or type, each as wide as the next."""

    kind: ClassVar[str] = "code"
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, and the words for who does not see it; `width` is in millimetres."""

    kind: ClassVar[str] = "picture"
    svg: str
    alt: str
    width: int = 30


Block = Heading | Paragraph | Bullets | Terms | Table | Code | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """What to set. `language` is a BCP 47 tag; `written_at` is all that it says of time."""

    title: str
    language: str
    written_at: datetime
    blocks: Sequence[Block] = field(default_factory=tuple)
    author: str = ""
    footer: str = ""


def render(document: Document) -> bytes:
    """Return the document as PDF.

    A character that no font of ours has leaves the file tagged and readable, with a box in its
    place: then it cannot claim the two standards, and does not.
    """
    try:
        return _compile(document, standards=["a-2a", "ua-1"])
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        logger.warning("pdf.character_without_font", extra={"language": document.language})
        return _compile(document, standards=[])


def qr_code(text: str, *, alt: str, width: int = 30) -> Picture:
    """Return the text as a QR code with the quiet margin that cameras want."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    rows = code.get_matrix()
    dark = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_on in enumerate(row) if is_on
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(rows)} {len(rows)}">'
        f'<path d="{dark}"/></svg>'
    )
    return Picture(svg=svg, alt=alt, width=width)


def _compile(document: Document, *, standards: list[Any]) -> bytes:
    source = TEMPLATE.read_bytes()
    compiler = typst.Compiler(
        source, root=str(TEMPLATE.parent), font_paths=_fonts(), ignore_system_fonts=True
    )
    pdf = compiler.compile(
        format="pdf",
        sys_inputs={"document": json.dumps(_described(document), ensure_ascii=False)},
        pdf_standards=standards,
        timestamp=int(document.written_at.timestamp()),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("A PDF is one file.")
    return pdf


def _described(document: Document) -> dict[str, Any]:
    language, _, region = document.language.partition("-")
    described: dict[str, Any] = _printable(
        {
            "title": document.title,
            "author": document.author,
            "footer": document.footer,
            "blocks": [{"kind": block.kind, **asdict(block)} for block in document.blocks],
        }
    )
    return described | {
        "language": language.lower(),
        "region": region.upper() if len(region) == 2 else None,
        "is_rtl": language.lower() in settings.LANGUAGES_BIDI,
    }


def _printable(value: Any) -> Any:
    """Return the same without control characters and halves of characters, which print nothing."""
    if isinstance(value, str):
        return "".join(
            one for one in value if one == "\n" or unicodedata.category(one) not in {"Cc", "Cs"}
        )
    if isinstance(value, dict):
        return {key: _printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return value


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts of the packages; what the machine has is not asked, it differs."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(_home(package) / "files") for package in FONT_PACKAGES],
    )


def _home(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} has the letters for PDF files, and is not installed.")
    return Path(spec.origin).parent
