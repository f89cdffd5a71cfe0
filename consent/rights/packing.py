"""The copy as a file: JSON for programs, and for people the same as a PDF."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

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
                title=_("What Meridian holds about you"),
                language=get_language() or "en",
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
        _(
            "You asked for this copy. It was made on %(moment)s and says the same as the file "
            "meridian-data.json beside it, which programs can read and which holds every row."
        )
        % {"moment": moment(at, zone)}
    )
    for account in sections["account"]:
        yield Heading(_("Your account"))
        yield Terms(
            [
                (_("Name"), account["name"] or _("Not given")),
                (_("E-mail address"), account["email"]),
                (_("Language"), account["language"] or _("As your browser asks")),
                (_("Time zone"), account["time_zone"]),
                (_("Since"), _moment(account["joined_at"], zone)),
                (_("Where it comes from"), account["source"]),
            ]
        )
    yield from _table(
        _("Where you are signed in"),
        (_("Browser"), _("Network"), _("Since")),
        [
            (one["browser"], one["network"], _moment(one["began_at"], zone))
            for one in sections["sessions"]
        ],
    )
    yield Heading(_("What you agreed to"))
    for arrangement in sections["arrangements"]:
        yield from _arrangement(arrangement, zone)
    if not sections["arrangements"]:
        yield Paragraph(_("Nothing so far."), is_quiet=True)
    yield from _table(
        _("When apps looked"),
        (_("Hour"), _("How"), _("What"), _("Times")),
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
        _("When apps looked, longer ago"),
        (_("Month"), _("What"), _("Times")),
        [
            (one["month"][:7], one["cluster_code"], str(one["read_count"]))
            for one in sections["disclosures"]
        ],
    )
    yield from _table(
        _("What happened"),
        (_("When"), _("What"), _("Who")),
        [(_moment(one["at"], zone), one["what"], one["who"]) for one in sections["history"]],
    )
    yield from _table(
        _("Your requests"),
        (_("Number"), _("Kind"), _("State"), _("Received")),
        [
            (one["number"], one["kind"], one["state"], _moment(one["received_at"], zone))
            for one in sections["requests"]
        ],
    )
    yield from _table(
        _("How long we keep it"),
        (_("What"), _("Until")),
        [(one["what"], one["until"]) for one in sections["kept_for"]],
    )
    yield Heading(_("Your rights"))
    yield Paragraph(
        _(
            "You may have mistakes corrected, the use of your data paused, your account closed and "
            "your data erased. You may object, and you may complain to the data protection "
            "authority where you live. All of it is free."
        )
    )


def _arrangement(arrangement: Mapping[str, Any], zone: str) -> Iterator[Block]:
    recipient = arrangement["recipient"]
    place = ", ".join(part for part in (recipient["city"], recipient["country"]) if part)
    yield Heading(arrangement["application"], level=3)
    yield Terms(
        [
            (_("Recipient"), f"{recipient['name']}, {place}"),
            (_("State"), arrangement["status"]),
            (_("Given"), _moment(arrangement["given_at"], zone)),
            (_("Until"), _moment(arrangement["ends_at"], zone)),
            (_("Ended"), _moment(arrangement["ended_at"], zone) or _("No")),
            (_("Where it comes from"), arrangement["source"]),
        ]
    )
    rows = [
        (str(version["number"]), item["label"], item["why"], item["kept_for"])
        for version in arrangement["versions"]
        for item in version["items"]
    ]
    if rows:
        yield Table((_("Version"), _("What"), _("Why"), _("Kept for")), rows[:ROWS])


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Block]:
    yield Heading(title)
    if not rows:
        yield Paragraph(_("Nothing."), is_quiet=True)
        return
    yield Table(head, rows[:ROWS])
    if len(rows) > ROWS:
        yield Paragraph(
            _("And %(count)d more, in meridian-data.json.") % {"count": len(rows) - ROWS},
            is_quiet=True,
        )


def _moment(text: str | None, zone: str) -> str:
    return moment(datetime.fromisoformat(text), zone) if text else ""
