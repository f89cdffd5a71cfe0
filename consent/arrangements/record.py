"""The record of a consent after ISO/IEC TS 27560, with the field names of its public DPV mapping.

It is written once, beside its version, in the words that were shown and with the names that the
parties had: a receipt is this record and what happened, and can be made again from the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from consent.arrangements import wording
from consent.arrangements.cases import told_by_scope
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import ArrangementVersion, Item
from consent.arrangements.pseudonyms import pseudonym_of
from partners.applications.models import Application
from portal.events.models import Event

SCHEMA_VERSION = "ISO/IEC TS 27560:2023; meridian 2"
SCHEMA_PATH = "/receipts/schema/2.json"
# In whose place something was done: a fact of the event, and the role that a receipt names.
GUARDIAN, SUPPORT, HOLDER = "guardian", "support", "holder"
# The states of the Data Privacy Vocabulary: who ended a consent is never lost.
_STATES = {
    ArrangementEvent.GIVEN: "consent_given",
    ArrangementEvent.AMENDED: "consent_given",
    ArrangementEvent.EXTENDED: "renewed_consent_given",
    ArrangementEvent.RENEWED: "renewed_consent_given",
    ArrangementEvent.NARROWED: "consent_given",
    ArrangementEvent.SHORTENED: "consent_given",
    # A pause takes nothing back of what was agreed to: the kind of the event says it.
    ArrangementEvent.PAUSED: "consent_given",
    ArrangementEvent.RESUMED: "consent_given",
    ArrangementEvent.WITHDRAWN: "consent_withdrawn",
    ArrangementEvent.REVOKED: "consent_revoked",
    ArrangementEvent.EXPIRED: "consent_expired",
    ArrangementEvent.INVALIDATED: "consent_invalidated",
}


def record_of(version: ArrangementVersion, items: Sequence[Item]) -> dict[str, Any]:
    """Return all that a receipt says of a version, in the language that is spoken now."""
    arrangement = version.arrangement
    application = arrangement.client.application
    pages = f"{settings.ISSUER}/me"
    lines, cases = _lines_of(version), told_by_scope(version.details)
    return {
        "schema_version": SCHEMA_VERSION,
        "schema": f"{settings.ISSUER}{SCHEMA_PATH}",
        "record_id": str(arrangement.pk),
        "record_version": version.number,
        "pii_principal_id": str(pseudonym_of(arrangement.customer, application)),
        "language": version.locale,
        "privacy_notice": {
            "title": version.notice.get("title", ""),
            "sha256": version.notice_sha256,
            "url": application.privacy_url,
            "holder_notice": version.notice.get("privacy_notice"),
        },
        "service": application.name,
        "environment": arrangement.client.environment,
        "jurisdiction": settings.HOLDER["jurisdiction"],
        "pii_controllers": [_recipient(application), _holder()],
        "purposes": [
            # Consent to single cases is to these alone (RFC 9396): what was told of each.
            {"limited_to": cases[item.scope.name], **_purpose(item, lines, application)}
            if item.scope.name in cases
            else _purpose(item, lines, application)
            for item in items
        ],
        "validity_duration": _instant(version.ends_at),
        "duration": version.duration,
        "obtained": {
            "channel": version.channel,
            "acr": version.acr,
            "amr": list(version.amr),
            "authenticated_at": _instant(version.authenticated_at),
            **({"approval": str(version.approval_id)} if version.approval_id else {}),
        },
        "withdrawal_method": f"{pages}/apps/{application.slug}/stop/",
        "withdrawal": {
            "review": f"{pages}/apps/{application.slug}/",
            "online": f"{pages}/apps/{application.slug}/stop/",
            "email": settings.HOLDER["email"],
            "phone": settings.HOLDER["phone"],
            "delete_within": f"PT{int(wording.DELETE_WITHIN.total_seconds() // 3600)}H",
        },
        "privacy_rights": f"{pages}/data/",
        "authority_party": {
            "party_name": settings.HOLDER["authority"],
            "party_url": settings.HOLDER["authority_url"],
        },
    }


def happening(event: Event, *, entity: str) -> dict[str, Any]:
    """Return what a receipt says of the event that it was written for."""
    kind = ArrangementEvent(event.kind)
    return {
        "event_id": str(event.public_id),
        "event_kind": kind.value,
        "event_time": event.facts["happened_at"],
        "event_type": "explicit",
        "event_state": _STATES[kind],
        "entity_id": entity,
        "reason": event.facts["reason"],
    }


def receipted() -> list[ArrangementEvent]:
    """Return the kinds of events that a receipt is written for."""
    return list(_STATES)


def states() -> list[str]:
    return sorted(set(_STATES.values()))


def entity_of(event: Event, *, actor: str, customer: str) -> str:
    """Return who did it, as a receipt says it: a role, never which guardian or member of staff.

    `actor` and `customer` are names of the same kind: of accounts, or of people of the log.
    """
    if actor == customer:
        return "customer"
    if event.facts.get("in_place") == GUARDIAN:
        return GUARDIAN
    return {"user": "staff", "client": "application"}.get(actor.partition(":")[0], "portal")


def _purpose(
    item: Item, lines: dict[str, dict[str, Any]], application: Application
) -> dict[str, Any]:
    line = lines.get(item.scope.name) or wording.line_of_item(item)
    return {
        "purpose": item.purpose.spoken()["title"],
        "purpose_type": str(item.purpose),
        "purpose_description": line["why"],
        "lawful_basis": "explicit_consent" if item.cluster.special_category else "consent",
        "collection_method": _("Read by the application from Meridian"),
        "recipient_third_parties": [],
        "storage_locations": [application.organization.country],
        "retention_period": f"P{item.retention_days}D",
        "retention_description": line["kept_for"],
        "look_back_from": _instant(item.look_back_from),
        "scope": item.scope.name,
        "pii_information": {
            "pii_type": line["label"],
            "pii_description": line["summary"],
            "pii_permissions": list(line.get("permissions", ())),
            "pii_category": str(item.cluster),
            "pii_attribute_id": item.fields,
            "pii_resources": item.resources,
            "pii_optional": not item.is_required,
            "sensitive_pii_category": line["depth_label"],
            "special_pii_category": item.cluster.special_category or None,
        },
    }


def _lines_of(version: ArrangementVersion) -> dict[str, dict[str, Any]]:
    """Return what was shown of each scope: its words count, whatever would be said today."""
    notice = version.notice
    parts = (*notice.get("needed", ()), *notice.get("optional", ()), *notice.get("already", ()))
    return {line["scope"]: line for line in parts}


def _recipient(application: Application) -> dict[str, str]:
    organization = application.organization
    return {
        "party_id": organization.slug,
        "party_name": organization.name,
        "party_role": "recipient",
        "party_address": ", ".join(filter(None, (organization.city, organization.country))),
        "party_contact": organization.website or application.homepage_url,
        "party_type": "organisation",
    }


def _holder() -> dict[str, str]:
    return {
        "party_id": "meridian",
        "party_name": settings.HOLDER["name"],
        "party_role": "holder",
        "party_address": settings.HOLDER["address"],
        "party_contact": settings.HOLDER["email"],
        "party_phone": settings.HOLDER["phone"],
        "party_url": settings.ISSUER,
        "party_type": "organisation",
    }


def _instant(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat() if instant else None
