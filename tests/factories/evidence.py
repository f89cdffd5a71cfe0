"""Files as partners have them, and as nobody should."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

from django.utils import timezone

from partners.evidence import scanning
from partners.evidence.actions import upload_file
from partners.evidence.models import EvidenceFile
from partners.organizations.models import Organization
from portal.access.actors import Actor, Role
from portal.demo.clamd import EICAR
from tests.factories.people import member

MEGABYTE = 1024 * 1024
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
EICAR_TEXT = bytes.fromhex(EICAR)
EICAR_PDF = PDF.replace(b"endobj\n", b"endobj\n" + EICAR_TEXT + b"\n")
_OFFICE = "application/vnd.openxmlformats-officedocument"
MAIN = {
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet.main+xml",
    "docx": f"{_OFFICE}.wordprocessingml.document.main+xml",
}


def office(kind: str = "xlsx", *, main: str = "", **more: bytes | str) -> bytes:
    """Return a package with its parts; more of them by name, `__` for a slash and `_dot_` a dot."""
    types = (
        '<?xml version="1.0"?><Types><Override PartName="/main.xml"'
        f' ContentType="{main or MAIN[kind]}"/></Types>'
    )
    parts: dict[str, bytes | str] = {"[Content_Types].xml": types, "main.xml": "<main/>"}
    for name, content in more.items():
        parts[name.replace("__", "/").replace("_dot_", ".")] = content
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return whole.getvalue()


def png(width: int = 8, height: int = 8) -> bytes:
    header = b"IHDR" + struct.pack(">II", width, height) + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + bytes(4)


def jpg(width: int = 8, height: int = 8) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHH", 11, 8, height, width) + bytes(4)
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 16) + b"JFIF" + bytes(10) + frame


def uploaded(
    organization: Organization,
    *,
    body: bytes = PDF,
    name: str = "report.pdf",
    by: Actor | None = None,
) -> EvidenceFile:
    """Upload a file; it waits for the scanner."""
    by = by or member(organization, Role.SECURITY_CONTACT)
    return upload_file(organization, by=by, file=io.BytesIO(body), name=name, size=len(body))


def scanned(organization: Organization, **upload: Any) -> EvidenceFile:
    """Upload a file and let the scanner see it: the test needs the fixture `scanner`."""
    evidence = uploaded(organization, **upload)
    scanning.scan_due()
    evidence.refresh_from_db()
    return evidence


def clean_file(organization: Organization, *, by: Actor) -> EvidenceFile:
    """Upload a file of which nobody asks a scanner: it is said to be clean."""
    evidence = uploaded(organization, by=by)
    EvidenceFile.objects.filter(pk=evidence.pk).update(
        status=EvidenceFile.Status.CLEAN, scanned_at=timezone.now(), signatures="ClamAV"
    )
    return evidence
