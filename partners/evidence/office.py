"""Documents and workbooks: a zip of XML parts that says what it is, small when unpacked, inert.

ECMA-376 part 2 says how such a package is built. Nothing is unpacked to disk, and nothing is held
whole: each part is read through once.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO
from xml.parsers import expat

from partners.evidence.kinds import DOCX, XLSX, FileRefused, kind_of_name

MARK = b"PK\x03\x04"
MAX_MEMBERS = 2000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
_MAX_DIRECTORY = 1024 * 1024
_MAX_TOKEN = 8 * 1024 * 1024
_END_OF_DIRECTORY = b"PK\x05\x06"
_CHUNK = 64 * 1024
_TYPES = "[Content_Types].xml"
_MAIN = {
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_MACROS = re.compile(r"vbaproject|vbadata|/activex/|macrosheets?/", re.IGNORECASE)
_EMBEDDED = re.compile(r"/embeddings/|oleobject", re.IGNORECASE)


def check_office(file: IO[bytes], kind: str) -> None:
    """Refuse a package that is not of that kind, is a bomb, runs or reaches outside."""
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as package:
            members = package.infolist()
            _check_members(members)
            said = _Package()
            for member in members:
                said.read(package, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise _damaged() from error
    if said.main_types != {_MAIN[kind]}:
        why = f"The name says {kind.upper()}, the contents say something else."
        raise FileRefused(why, code="type_mismatch")


def _check_directory(file: IO[bytes]) -> None:
    """Look at the directory's size before anybody reads it: its entries cost memory each."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(_END_OF_DIRECTORY)
    if at < 0 or len(tail) < at + 22:
        raise _damaged()
    count = int.from_bytes(tail[at + 10 : at + 12], "little")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    if count > MAX_MEMBERS or directory > _MAX_DIRECTORY:
        raise _bomb()


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if len(set(names)) < len(names) or any(map(_is_outside, names)):
        raise _damaged()
    if any(map(_MACROS.search, names)):
        kind_of_name(".docm")
    if any(map(_EMBEDDED.search, names)):
        raise FileRefused(
            "Another file is embedded in it. Upload that one by itself, or save this as PDF.",
            code="embedded_file",
        )
    if any(member.flag_bits & 0x1 for member in members):
        raise FileRefused("It is locked with a password. Save it without.", code="file_encrypted")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * packed:
        raise _bomb()


def _is_outside(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name


class _Package:
    """What the parts say of the whole, read one after another."""

    def __init__(self) -> None:
        self.main_types: set[str] = set()

    def read(self, package: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
        parser = self._parser() if is_xml else None
        fed = 0
        with package.open(member) as part:
            try:
                while chunk := part.read(_CHUNK):
                    fed += len(chunk)
                    if parser is None:
                        continue
                    parser.Parse(chunk, False)
                    if fed - parser.CurrentByteIndex > _MAX_TOKEN:
                        raise _bombed_xml()
                if parser is not None:
                    parser.Parse(b"", True)
            except expat.ExpatError as error:
                raise _damaged() from error

    def _parser(self) -> expat.XMLParserType:
        # Expat unpacks no entity that nobody declares, and who declares one is refused.
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._look_at
        return parser

    def _look_at(self, name: str, attributes: dict[str, str]) -> None:
        if attributes.get("TargetMode", "").strip().lower() == "external":
            raise FileRefused(
                "It points to things outside, such as links or linked pictures. Take them out, or"
                " save it as PDF.",
                code="external_relationship",
            )
        media_type = attributes.get("ContentType", "")
        if "macroEnabled" in media_type or "vbaProject" in media_type:
            kind_of_name(".docm")
        if name == "Override" and media_type.endswith(".main+xml"):
            self.main_types.add(media_type)


def _refuse_doctype(*_: object) -> None:
    raise _bombed_xml()


def _bombed_xml() -> FileRefused:
    why = "One of its parts would take too much to read. Save it as PDF."
    return FileRefused(why, code="xml_bomb")


def _bomb() -> FileRefused:
    why = "Unpacked it would be far larger than it looks. Save it as PDF."
    return FileRefused(why, code="zip_bomb")


def _damaged() -> FileRefused:
    return FileRefused("The document cannot be opened. Save it once more.", code="file_damaged")
