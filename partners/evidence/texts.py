"""Files of plain text: all of it text, and none of it a page, a drawing, a mail or a program."""

from __future__ import annotations

import codecs
import re
from typing import IO

from partners.evidence.kinds import JSON, FileRefused, kind_of_name

_CHUNK = 64 * 1024
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|iframe|\?xml)[\s>]", re.IGNORECASE)
_MAIL_HEADER = re.compile(
    rb"^(?:from|to|received|return-path|mime-version|message-id|delivered-to|subject|date):",
    re.IGNORECASE | re.MULTILINE,
)


def check_text(file: IO[bytes], kind: str) -> None:
    """Read a text from end to end; it is never held whole."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    head, last = b"", b""
    while chunk := file.read(_CHUNK):
        head = head or chunk
        last = chunk.rstrip() or last
        if _CONTROLS.search(_decoded(decoder, chunk)):
            raise _not_text(kind)
    _decoded(decoder, b"", final=True)
    _refuse_markup(head)
    if kind == JSON and not _is_like_json(head, last):
        raise FileRefused("This is not JSON, whatever its name says.", code="type_mismatch")


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> str:
    try:
        return decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        raise _not_text("text") from error


def _not_text(kind: str) -> FileRefused:
    why = f"The name says {kind.upper()}, but this is not plain text. Save it as UTF-8."
    return FileRefused(why, code="type_mismatch")


def _refuse_markup(head: bytes) -> None:
    if _SVG.search(head):
        kind_of_name(".svg")
    if _MARKUP.search(head):
        kind_of_name(".html")
    top = head.lstrip()[:2048].partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
    if len(_MAIL_HEADER.findall(top)) >= 2 and _MAIL_HEADER.match(top):
        kind_of_name(".eml")


def _is_like_json(head: bytes, last: bytes) -> bool:
    first = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    return (first, last[-1:]) in {(b"{", b"}"), (b"[", b"]")}
