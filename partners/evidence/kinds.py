"""Which files may be evidence, which may not, and the code that says why not."""

from __future__ import annotations

from dataclasses import dataclass

import puremagic

from portal.errors import Refused, TooLarge

PDF, PNG, JPG, XLSX = "pdf", "png", "jpg", "xlsx"
DOCX, CSV, TXT, JSON = "docx", "csv", "txt", "json"
_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    PDF: "application/pdf",
    PNG: "image/png",
    JPG: "image/jpeg",
    XLSX: f"{_OFFICE}.spreadsheetml.sheet",
    DOCX: f"{_OFFICE}.wordprocessingml.document",
    CSV: "text/csv",
    TXT: "text/plain",
    JSON: "application/json",
}
ACCEPTED = ", ".join(f".{kind}" for kind in (*MEDIA_TYPES, "jpeg"))
SPOKEN = "PDF, PNG, JPG, XLSX, DOCX, CSV, TXT or JSON"


class FileRefused(Refused):
    """A file that is not taken; the code says which rule it broke."""

    code = "file_refused"


class FileTooLarge(TooLarge):
    code = "file_too_large"


@dataclass(frozen=True, slots=True)
class Family:
    """Endings that are refused for one reason."""

    code: str
    why: str
    endings: frozenset[str]


def _family(code: str, why: str, endings: str) -> Family:
    return Family(code, why, frozenset(endings.split()))


REFUSED = (
    _family(
        "svg_not_allowed",
        "An SVG drawing can hold a program. Save it as PNG or PDF.",
        "svg svgz",
    ),
    _family(
        "html_not_allowed",
        "A web page can hold a program. Print it to a PDF.",
        "html htm xhtml xht mht mhtml xml js hta",
    ),
    _family(
        "macros_not_allowed",
        "Documents with macros are not taken. Save it without macros, or as PDF.",
        "docm dotm xlsm xltm xlsb xlam pptm potm ppsm ppam",
    ),
    _family(
        "archive_not_allowed",
        "Archives are not taken. Upload the files one by one.",
        "zip 7z rar tar gz tgz bz2 xz zst lz lzma cab iso dmg jar war apk cbr cb7",
    ),
    _family(
        "mail_not_allowed",
        "A saved mail shows other people's addresses. Print it to a PDF.",
        "eml msg mbox pst",
    ),
    _family(
        "executable_not_allowed",
        "This is a program, whatever its name says.",
        "exe dll drv sys com scr msi bat cmd ps1 sh elf so dylib class appimage wasm bin",
    ),
)


def kind_of_name(name: str) -> str:
    """Return the kind that a file's ending claims, or refuse an ending that is not taken."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    kind = JPG if ending == "jpeg" else ending
    if kind in MEDIA_TYPES:
        return kind
    _refuse_family(ending)
    raise FileRefused(f"We take {SPOKEN}.", code="type_not_allowed")


def refuse_other(head: bytes, kind: str) -> None:
    """Refuse a file whose beginning is not that of its kind, with what it is where that is known.

    Ours are recognised by their own rules; the library knows a thousand that are not.
    """
    # Half of what computers know is a zip; which one is no reason to call it something worse.
    for ending in ["zip"] if head.startswith(b"PK\x03\x04") else _sniffed(head):
        _refuse_family(ending)
    raise FileRefused(
        f"The name says {kind.upper()}, the contents say something else.", code="type_mismatch"
    )


def refuse_program(head: bytes) -> None:
    """Refuse what a machine would run, by the marks that the library leaves out or ranks low."""
    if head.startswith((b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\0asm")) or head[:4] in {
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
    }:
        _refuse_family("exe")


def _sniffed(head: bytes) -> list[str]:
    """Return the endings that the first bytes speak for, the surest first."""
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return []
    return [one.extension.lstrip(".").lower() for one in found if one.byte_match]


def _refuse_family(ending: str) -> None:
    for family in REFUSED:
        if ending in family.endings:
            raise FileRefused(family.why, code=family.code)
