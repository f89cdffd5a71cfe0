"""Looking into a file that a stranger sent: its name, its beginning and its inside must agree.

ASVS 5.0 5.2.2 and 5.2.3: ending, first bytes and contents say the same, and nothing unpacks to
more than it may.
"""

from __future__ import annotations

from typing import IO

from partners.evidence.images import JPG_MARK, PNG_MARK, check_jpg, check_png
from partners.evidence.kinds import (
    CSV,
    DOCX,
    JPG,
    JSON,
    PDF,
    PNG,
    TXT,
    XLSX,
    FileRefused,
    kind_of_name,
    refuse_other,
    refuse_program,
)
from partners.evidence.office import MARK as ZIP_MARK
from partners.evidence.office import check_office
from partners.evidence.texts import check_text

_HEAD = 4096
_CHUNK = 64 * 1024
_MARKS = {PDF: b"%PDF-", PNG: PNG_MARK, JPG: JPG_MARK, XLSX: ZIP_MARK, DOCX: ZIP_MARK}


def inspect(file: IO[bytes], name: str) -> str:
    """Return the file's kind, such as `pdf`, or raise `FileRefused` with the rule that it breaks.

    The file is read in pieces, from its beginning, and left open.
    """
    kind = kind_of_name(name)
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise FileRefused("The file is empty.", code="file_empty")
    refuse_program(head)
    if kind in _MARKS and not head.startswith(_MARKS[kind]):
        refuse_other(head, kind)
    if kind in {CSV, TXT, JSON}:
        _refuse_marked(head, kind)
    file.seek(0)
    match kind:
        case "png":
            check_png(file)
        case "jpg":
            check_jpg(file)
        case "xlsx" | "docx":
            check_office(file, kind)
        case "pdf":
            _check_pdf(file)
        case _:
            check_text(file, kind)
    return kind


def _refuse_marked(head: bytes, kind: str) -> None:
    """Refuse another kind under the name of a text; what is all text is read later."""
    if any(head.startswith(mark) for mark in _MARKS.values()) or b"\0" in head:
        refuse_other(head, kind)


def _check_pdf(file: IO[bytes]) -> None:
    """Refuse a locked file, which no scanner can read, and one without an end."""
    before, is_whole = b"", False
    while chunk := file.read(_CHUNK):
        seen = before + chunk
        if b"/Encrypt" in seen:
            raise FileRefused(
                "It is locked with a password. Save it without.", code="file_encrypted"
            )
        is_whole = is_whole or b"%%EOF" in seen
        before = chunk[-16:]
    if not is_whole:
        raise FileRefused("The PDF cannot be opened. Save it once more.", code="file_damaged")
