"""The copy as a file: JSON for programs, and for people the same as a PDF."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from consent.arrangements.moments import moment
from consent.rights.models import DataRequest
from portal.ui.pdf import Block, Document, Heading, Paragraph, Table, Terms, render

Sections = Mapping[str, Sequence[Any]]
FORMAT = "https://meridian.example/schemas/personal-data/1"
# A PDF is for reading: beyond this it says where the rest is.
ROWS = 400


def pack(request: DataRequest, sections: Sections, *, at: datetime) -> bytes:
    """Return a ZIP archive with `meridian-data.json` and, for people, `meridian-data.pdf`."""
    about = {"format": FORMAT, "request": request.number, "made_at": at.isoformat()}
    body = json.dumps(about | dict(sections), indent=2, ensure_ascii=False)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry("meridian-data.json", at), body)
        if request.kind == DataRequest.Kind.ACCESS:
            document = Document(
                title="What Meridian holds about you",
                language="en",
                written_at=at,
                blocks=tuple(_blocks(sections, request, at)),
                author="Meridian",
                footer=f"{request.number}, {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            )
            archive.writestr(_entry("meridian-data.pdf", at), render(document))
    return packed.getvalue()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _blocks(sections: Sections, request: DataRequest, at: datetime) -> Iterator[Block]:
    zone = request.person.time_zone
    yield Paragraph(
        f"You asked for this copy. It was made on {moment(at, zone)} and says the same as "
        "the file meridian-data.json beside it, which programs can read and which holds every row."
    )
    for account in sections["account"]:
        yield Heading("Your account")
        yield Terms(
            [
                ("Name", account["name"] or "Not given"),
                ("E-mail address", account["email"]),
                ("Language", account["language"] or "As your browser asks"),
                ("Time zone", account["time_zone"]),
                ("Since", _moment(account["joined_at"], zone)),
                ("Where it comes from", account["source"]),
            ]
        )
    yield from _table(
        "Where you are signed in",
        ("Browser", "Network", "Since"),
        [
            (one["browser"], one["network"], _moment(one["began_at"], zone))
            for one in sections["sessions"]
        ],
    )
    yield Heading("What you agreed to")
    for arrangement in sections["arrangements"]:
        yield from _arrangement(arrangement, zone)
    if not sections["arrangements"]:
        yield Paragraph("Nothing so far.", is_quiet=True)
    yield from _table(
        "When apps looked",
        ("Hour", "How", "What", "Times"),
        [
            (
                _moment(one["hour"], zone),
                one["operation_key"],
                ", ".join(one["cluster_codes"]),
                str(one["read_count"]),
            )
            for one in sections["readings"]
        ],
    )
    yield from _table(
        "When apps looked, longer ago",
        ("Month", "What", "Times"),
        [
            (one["month"][:7], one["cluster_code"], str(one["read_count"]))
            for one in sections["disclosures"]
        ],
    )
    yield from _table(
        "What happened",
        ("When", "What", "Who"),
        [(_moment(one["at"], zone), one["what"], one["who"]) for one in sections["history"]],
    )
    yield from _table(
        "Your requests",
        ("Number", "Kind", "State", "Received"),
        [
            (one["number"], one["kind"], one["state"], _moment(one["received_at"], zone))
            for one in sections["requests"]
        ],
    )
    yield from _table(
        "How long we keep it",
        ("What", "Until"),
        [(one["what"], one["until"]) for one in sections["kept_for"]],
    )
    yield Heading("Your rights")
    yield Paragraph(
        "You may have mistakes corrected, the use of your data paused, your account closed and "
        "your data erased. You may object, and you may complain to the data protection authority "
        "where you live. All of it is free."
    )


def _arrangement(arrangement: Mapping[str, Any], zone: str) -> Iterator[Block]:
    recipient = arrangement["recipient"]
    place = ", ".join(part for part in (recipient["city"], recipient["country"]) if part)
    yield Heading(arrangement["application"], level=3)
    yield Terms(
        [
            ("Recipient", f"{recipient['name']}, {place}"),
            ("State", arrangement["status"]),
            ("Given", _moment(arrangement["given_at"], zone)),
            ("Until", _moment(arrangement["ends_at"], zone)),
            ("Ended", _moment(arrangement["ended_at"], zone) or "No"),
            ("Where it comes from", arrangement["source"]),
        ]
    )
    rows = [
        (str(version["number"]), item["label"], item["why"], item["kept_for"])
        for version in arrangement["versions"]
        for item in version["items"]
    ]
    if rows:
        yield Table(("Version", "What", "Why", "Kept for"), rows[:ROWS])


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Block]:
    yield Heading(title)
    if not rows:
        yield Paragraph("Nothing.", is_quiet=True)
        return
    yield Table(head, rows[:ROWS])
    if len(rows) > ROWS:
        yield Paragraph(f"And {len(rows) - ROWS} more, in meridian-data.json.", is_quiet=True)


def _moment(text: str | None, zone: str) -> str:
    return moment(datetime.fromisoformat(text), zone) if text else ""
