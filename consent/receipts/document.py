"""A receipt as a document for people: the same record, in the same words and the same language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from textwrap import wrap
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from consent.arrangements import moments, wording
from consent.arrangements.access import EVERY
from consent.arrangements.models import Receipt
from portal.ui.pdf import Block, Bullets, Code, Document, Heading, Paragraph, Terms, qr_code


def document_of(receipt: Receipt, *, zone: str) -> Document:
    """Return the document; its instants are told in `zone`, and nothing in it is of today."""
    with translation.override(receipt.body["language"]):
        words = wording.receipt_words(receipt.event_kind, reason=receipt.body["event"]["reason"])
        return Document(
            title=f"{words['title']} {receipt.number}",
            language=receipt.body["language"],
            written_at=receipt.created_at,
            blocks=tuple(_blocks(receipt, words, zone)),
            author=_holder(receipt.body)["party_name"],
            footer=receipt.number,
        )


def address_of(receipt: Receipt) -> str:
    """Return where anybody who holds the receipt can see whether it is ours."""
    path = reverse("receipts:checked", args=[receipt.number, receipt.sha256])
    return f"{settings.ISSUER}{path}"


def _blocks(receipt: Receipt, words: dict[str, Any], zone: str) -> Iterator[Block]:
    body = receipt.body
    yield Paragraph(words["lead"])
    yield Terms(_facts(body, words, zone))
    yield Heading(_("No longer shared") if words["is_end"] else _("Shared"))
    if not body["purposes"]:
        yield Paragraph(str(wording.NO_DATA))
    for purpose in body["purposes"]:
        yield from _purpose(purpose)
    yield Heading(_("Change or stop"))
    yield Terms(_ways(body))
    yield Heading(_("Your rights"))
    yield Terms(_rights(body))
    yield Heading(_("Check this receipt"))
    yield Paragraph(
        _("The record behind this page has this fingerprint (SHA-256). Anybody can compare it at")
        + f" {settings.ISSUER}{reverse('receipts:verify')}"
    )
    yield Code(" ".join(wrap(receipt.sha256, 8)))
    yield qr_code(address_of(receipt), alt=_("A code that leads to the page of this check"))


def _facts(body: dict[str, Any], words: dict[str, Any], zone: str) -> list[tuple[str, str]]:
    partner, event = _recipient(body), body["event"]
    happened_at = datetime.fromisoformat(event["event_time"])
    facts = [
        (words["with"], body["service"]),
        (_("By"), f"{partner['party_name']}, {wording.place(partner['party_address'])}"),
        (_("The app’s contact"), partner["party_contact"]),
        (_("Your data is held by"), _line(_holder(body), "party_name", "party_address")),
        (_("You are known to the app as"), body["pii_principal_id"]),
        (words["happened"], moments.moment(happened_at, zone, seconds=True)),
    ]
    if words["is_end"]:
        delete_by = moments.moment(wording.delete_by(happened_at), zone)
        facts.append((_("Delete by"), delete_by))
    else:
        ends_at = datetime.fromisoformat(body["validity_duration"])
        words_of_end = _("%(ends_at)s, or when you stop it")
        facts.append((_("Ends"), words_of_end % {"ends_at": moments.moment(ends_at, zone)}))
    notice = body["privacy_notice"]
    if notice["url"]:
        facts.append((_("The app’s privacy notice"), notice["url"]))
    if held := notice.get("holder_notice"):
        facts.append((_("Our privacy notice"), held["url"]))
    return [(name, value) for name, value in facts if value]


def _purpose(purpose: dict[str, Any]) -> Iterator[Block]:
    data = purpose["pii_information"]
    yield Heading(data["pii_type"], level=3)
    yield Paragraph(data["pii_description"])
    if data.get("pii_permissions"):
        yield Bullets(data["pii_permissions"])
    rows = [
        (_("Why"), purpose["purpose_description"]),
        (_("Purpose"), purpose["purpose"]),
        (_("Kept for"), purpose["retention_description"]),
        (_("How the app gets it"), purpose["collection_method"]),
        (_("Your choice"), _("A free choice") if data["pii_optional"] else _("Needed to work")),
    ]
    if picked := data.get("pii_resources"):
        # References only: what somebody calls their things is in no record.
        which = _("All of them") if EVERY in picked else _("Those that you picked")
        rows.append(
            (_("Which of them"), f"{which} ({len(picked)})" if EVERY not in picked else which)
        )
    for case in purpose.get("limited_to", ()):
        said = "; ".join(f"{line['label']}: {line['text']}" for line in case.get("lines", ()))
        rows.append((_("Only this"), f"{case['title']}: {said}" if said else case["title"]))
    yield Terms(rows)


def _ways(body: dict[str, Any]) -> list[tuple[str, str]]:
    ways = body.get("withdrawal", {})
    return [
        (name, value)
        for name, value in (
            (_("See it"), ways.get("review", "")),
            (_("Stop it"), body["withdrawal_method"]),
            (_("Or write to"), ways.get("email", "")),
            (_("Or call"), ways.get("phone", "")),
        )
        if value
    ]


def _rights(body: dict[str, Any]) -> list[tuple[str, str]]:
    authority = body.get("authority_party", {})
    rows = [
        (_("See, correct, take along or delete your data"), body["privacy_rights"]),
        (_("Complain to"), authority.get("party_name", "")),
        (_("Its address"), authority.get("party_url", "")),
    ]
    return [(name, value) for name, value in rows if value]


def _recipient(body: dict[str, Any]) -> dict[str, str]:
    return dict(body["pii_controllers"][0])


def _holder(body: dict[str, Any]) -> dict[str, str]:
    return dict(body["pii_controllers"][1])


def _line(party: dict[str, str], *names: str) -> str:
    return ", ".join(party[name] for name in names if party.get(name))
