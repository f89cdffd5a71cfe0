"""Proof of a consent, for its customer: a record after ISO/IEC TS 27560 and its digest."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import translation

from consent.arrangements import wording
from consent.arrangements.cases import told_by_scope
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import ArrangementVersion, Item, Pseudonym, Receipt
from portal.access.actors import Actor

SCHEMA = "ISO/IEC TS 27560:2023; meridian 1"
# The states of the Data Privacy Vocabulary: who ended a consent is never lost.
_STATES = {
    ArrangementEvent.GIVEN: "consent_given",
    ArrangementEvent.AMENDED: "consent_given",
    ArrangementEvent.EXTENDED: "renewed_consent_given",
    ArrangementEvent.RENEWED: "renewed_consent_given",
    ArrangementEvent.NARROWED: "consent_given",
    ArrangementEvent.SHORTENED: "consent_given",
    ArrangementEvent.WITHDRAWN: "consent_withdrawn",
    ArrangementEvent.REVOKED: "consent_revoked",
    ArrangementEvent.EXPIRED: "consent_expired",
    ArrangementEvent.INVALIDATED: "consent_invalidated",
}


def canonical(body: Any) -> bytes:
    """Return the one spelling of a JSON value: RFC 8785 for what our records hold, no floats."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(body: Any) -> str:
    return hashlib.sha256(canonical(body)).hexdigest()


def base64_of(hex_digest: str) -> str:
    """Return a digest as HTTP fields spell it (RFC 9530)."""
    return b64encode(bytes.fromhex(hex_digest)).decode()


def write_receipt(
    version: ArrangementVersion,
    items: Sequence[Item],
    *,
    kind: ArrangementEvent,
    by: Actor,
    at: datetime,
) -> Receipt:
    """Write the proof in the transaction of what it proves; a receipt is never changed later."""
    serial = _next_serial()
    number = f"MR-{at.astimezone(UTC).year}-{serial:06d}"
    # In the words that were shown, whoever ends it and in whichever language they work.
    with translation.override(version.locale):
        body = _body(version, items, number=number, kind=kind, by=by, at=at)
    return Receipt.objects.create(
        pk=serial,
        number=number,
        version=version,
        event_kind=kind,
        body=body,
        sha256=digest(body),
        created_at=at,
    )


def _next_serial() -> int:
    # The number is part of the record, so it has to be known before the row is there. A rolled-back
    # transaction leaves a gap.
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('arrangements_receipt', 'id'))")
        row = cursor.fetchone()
    return int(row[0])


def _body(
    version: ArrangementVersion,
    items: Sequence[Item],
    *,
    number: str,
    kind: ArrangementEvent,
    by: Actor,
    at: datetime,
) -> dict[str, Any]:
    arrangement = version.arrangement
    application = arrangement.client.application
    organization = application.organization
    cases = told_by_scope(version.details)
    subject = Pseudonym.objects.get(application=application, customer=arrangement.customer).subject
    return {
        "schema_version": SCHEMA,
        "record_id": str(arrangement.pk),
        "record_version": version.number,
        "receipt_id": number,
        "pii_principal_id": str(subject),
        "language": version.locale,
        "privacy_notice": {
            "sha256": version.notice_sha256,
            "title": version.notice.get("title", ""),
            "url": application.privacy_url,
        },
        "service": application.name,
        "environment": arrangement.client.environment,
        "pii_controllers": [
            {
                "party_id": organization.slug,
                "party_name": organization.name,
                "party_role": "recipient",
                "party_address": ", ".join(filter(None, (organization.city, organization.country))),
                "party_contact": organization.website or application.homepage_url,
                "party_type": "organisation",
            },
            {
                "party_id": "meridian",
                "party_name": "Meridian",
                "party_role": "holder",
                "party_contact": settings.ISSUER,
                "party_type": "organisation",
            },
        ],
        "purposes": [_purpose(item, cases.get(item.scope.name)) for item in items],
        "validity_duration": version.ends_at.astimezone(UTC).isoformat(),
        "withdrawal_method": f"{settings.ISSUER}/me/apps/{application.slug}/stop/",
        "privacy_rights": f"{settings.ISSUER}/me/data/",
        "event": {
            "event_time": at.astimezone(UTC).isoformat(),
            "event_type": "explicit",
            "event_state": _STATES[kind],
            "entity_id": _entity(version, by),
            "reason": arrangement.end_reason,
        },
    }


def _purpose(item: Item, cases: Sequence[dict[str, Any]] | None) -> dict[str, Any]:
    line = wording.line_of_item(item)
    # Consent to single cases is to these alone (RFC 9396): what was told of each, and what it is.
    limited = {"limited_to": list(cases)} if cases else {}
    return limited | {
        "purpose": item.purpose.spoken()["title"],
        "purpose_type": str(item.purpose),
        "purpose_description": line["why"],
        "lawful_basis": "consent",
        "collection_method": "Read by the application from Meridian",
        "recipient_third_parties": [],
        "retention_period": f"P{item.retention_days}D",
        "retention_description": line["kept_for"],
        "scope": line["scope"],
        "pii_information": {
            "pii_type": line["label"],
            "pii_description": line["summary"],
            "pii_category": line["cluster"],
            "pii_attribute_id": item.fields,
            "pii_optional": not item.is_required,
            "sensitive_pii_category": line["depth_label"],
        },
    }


def _entity(version: ArrangementVersion, by: Actor) -> str:
    if by.person_id == version.arrangement.customer.user_id:
        return "customer"
    return "staff" if by.is_staff else "portal"
