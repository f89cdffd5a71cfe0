"""What is in a file decides, not what it is called: one table of all that is taken and refused."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile

import pytest

from partners.evidence.inspection import inspect
from partners.evidence.kinds import FileRefused
from tests.factories.evidence import EICAR_PDF, MEGABYTE, PDF, jpg, office, png

TAKEN = {
    "report.pdf": (PDF, "pdf"),
    "REPORT.PDF": (PDF, "pdf"),
    "shot.png": (png(), "png"),
    "shot.jpg": (jpg(), "jpg"),
    "shot.jpeg": (jpg(), "jpg"),
    "controls.xlsx": (office("xlsx"), "xlsx"),
    "policy.docx": (office("docx"), "docx"),
    "rows.csv": ("name;größe\n1;2\n".encode(), "csv"),
    "notes.txt": (b"\xef\xbb\xbfWe delete within a day.\r\n", "txt"),
    "scan.json": (b'{"findings": []}\n', "json"),
    # The scanner finds it; nothing here takes it for anything but a PDF.
    "eicar.pdf": (EICAR_PDF, "pdf"),
}
REFUSED = {
    "an empty file": ("a.pdf", b"", "file_empty"),
    "no ending": ("report", PDF, "type_not_allowed"),
    "a kind that nobody asked for": ("a.odt", PDF, "type_not_allowed"),
    "a drawing": ("a.svg", b"<svg/>", "svg_not_allowed"),
    "a drawing as a text": ("a.txt", b"  <svg onload='x()'>", "svg_not_allowed"),
    "a page": ("a.html", b"<html>", "html_not_allowed"),
    "a page as rows": ("a.csv", b"<!DOCTYPE html><script>", "html_not_allowed"),
    "an archive": ("a.zip", b"PK\x03\x04", "archive_not_allowed"),
    "an archive as a report": ("a.pdf", b"Rar!\x1a\x07\x00", "archive_not_allowed"),
    "a zip as a report": ("a.pdf", office(), "archive_not_allowed"),
    "a mail": ("a.eml", b"From: a@b.example", "mail_not_allowed"),
    "a mail as a text": ("a.txt", b"From: a@b\r\nTo: c@d\r\n\r\nHi", "mail_not_allowed"),
    "a program": ("a.exe", b"MZ", "executable_not_allowed"),
    "a program as a report": ("a.pdf", b"MZ\x90\x00" + bytes(99), "executable_not_allowed"),
    "another program": ("a.png", b"\x7fELF" + bytes(99), "executable_not_allowed"),
    "a script as a text": ("a.txt", b"#!/bin/sh\nrm", "executable_not_allowed"),
    "a picture as a report": ("a.pdf", png(), "type_mismatch"),
    "a report as a text": ("a.txt", PDF, "type_mismatch"),
    "bytes as a text": ("a.csv", b"a;b\x00\x01", "type_mismatch"),
    "another encoding": ("a.txt", "größe".encode("latin-1"), "type_mismatch"),
    "no JSON": ("a.json", b"name: x", "type_mismatch"),
    "a letter as a table": ("a.xlsx", office("docx"), "type_mismatch"),
    "a package of nothing": ("a.xlsx", office(main="application/x"), "type_mismatch"),
    "a macro document": ("a.xlsm", office(), "macros_not_allowed"),
    "macros inside": ("a.xlsx", office(xl__vbaProject_dot_bin=b"x"), "macros_not_allowed"),
    "macros by type": (
        "a.docx",
        office("docx", main="application/vnd.ms-word.document.macroEnabled.main+xml"),
        "macros_not_allowed",
    ),
    "a file in the file": (
        "a.docx",
        office("docx", word__embeddings__a_dot_bin=b"x"),
        "embedded_file",
    ),
    "a link outside": (
        "a.docx",
        office("docx", _rels__a_dot_rels='<R><r TargetMode="&#69;xternal"/></R>'),
        "external_relationship",
    ),
    "laughs": (
        "a.xlsx",
        office(xl__a_dot_xml='<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        "xml_bomb",
    ),
    "laughs in another encoding": (
        "a.xlsx",
        office(xl__a_dot_xml='<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16")),
        "xml_bomb",
    ),
    "broken XML": ("a.xlsx", office(xl__a_dot_xml="<a>"), "file_damaged"),
    "half a package": ("a.xlsx", office()[:-30], "file_damaged"),
    "a locked report": ("a.pdf", PDF.replace(b"/Root", b"/Encrypt 2 0 R /Root"), "file_encrypted"),
    "half a report": ("a.pdf", PDF[:20], "file_damaged"),
    "a huge picture": ("a.png", png(40_000, 40_000), "image_too_large"),
    "a huge photograph": ("a.jpg", jpg(60_000, 1_000), "image_too_large"),
    "no picture": ("a.jpg", b"\xff\xd8\xff\xd9", "file_damaged"),
}


@pytest.mark.parametrize("name", TAKEN, ids=list(TAKEN))
def test_what_partners_have_is_taken(name):
    body, kind = TAKEN[name]

    assert inspect(io.BytesIO(body), name) == kind


@pytest.mark.parametrize("case", REFUSED, ids=list(REFUSED))
def test_each_refusal_has_its_own_code(case):
    name, body, code = REFUSED[case]

    with pytest.raises(FileRefused) as refused:
        inspect(io.BytesIO(body), name)

    assert refused.value.code == code


def test_a_password_on_a_table_is_named():
    body = bytearray(office())
    body[body.find(b"PK\x01\x02") + 8] |= 1  # the flag of an encrypted member, APPNOTE 4.4.4

    with pytest.raises(FileRefused) as refused:
        inspect(io.BytesIO(bytes(body)), "a.xlsx")

    assert refused.value.code == "file_encrypted"


BOMBS = {
    "a member of 300 MB": "zip_bomb",
    "a member that lies about its size": "file_damaged",
    "3,000 members": "zip_bomb",
    "a word of 40 MB": "xml_bomb",
    "25 MB of text": "taken",
    "a directory of 20 MB": "zip_bomb",
}


@pytest.mark.parametrize("bomb", BOMBS, ids=list(BOMBS))
def test_s4_no_file_takes_100_mb_of_memory(bomb, tmp_path):
    """Measured as CI's kernel counts it: the cell beside one that looks into a small file."""
    path = tmp_path / "bomb"
    name = _write(bomb, path)
    small = tmp_path / "small"
    small.write_bytes(PDF)

    _, least = _cell(small, "a.pdf")
    told, most = _cell(path, name)

    assert BOMBS[bomb] in told.replace('"kind": ', "taken")
    assert most - least < 100 * MEGABYTE


def _write(bomb: str, path) -> str:
    if bomb == "25 MB of text":
        path.write_bytes(b"All is well.\n" * (25 * MEGABYTE // 13))
        return "a.txt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        if bomb == "3,000 members":
            for number in range(3000):
                package.writestr(f"xl/{number}.xml", "<a/>")
        elif bomb == "a directory of 20 MB":
            for number in range(400):
                package.writestr(f"xl/{number}" + "x" * 50_000, "<a/>")
        elif bomb == "a word of 40 MB":
            package.writestr("xl/a.xml", b'<a b="' + os.urandom(20 * MEGABYTE).hex().encode())
        else:
            with package.open("xl/a.xml", "w") as part:
                for _ in range(300):
                    part.write(bytes(MEGABYTE))
    if bomb == "a member that lies about its size":
        raw = bytearray(path.read_bytes())
        at = raw.rfind(b"PK\x01\x02")
        raw[at + 20 : at + 28] = (20_000).to_bytes(4, "little") + (900_000).to_bytes(4, "little")
        path.write_bytes(raw)
    return "a.xlsx"


def _cell(path, name: str) -> tuple[str, int]:
    """Look into a file as an upload does, and return what was said and the memory it took."""
    program = (
        "import resource, subprocess, sys\n"
        "said = subprocess.run([sys.executable, '-m', 'partners.evidence.cell', '335544320', '20',"
        " sys.argv[2]], stdin=open(sys.argv[1], 'rb'), capture_output=True).stdout.decode()\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, said)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path), name], capture_output=True, text=True, check=True
    )
    kilobytes, _, told = done.stdout.partition(" ")
    return told, int(kilobytes) * 1024
