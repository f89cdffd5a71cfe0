"""What a receipt looks like, as JSON Schema (2020-12), in words of our own.

The names of the fields are those of the public mapping of ISO/IEC TS 27560 to the Data Privacy
Vocabulary; what has no place there (such as `record_version` or `sha256`) is ours and said so.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from catalog.scopes.vocabulary import SPECIAL_CATEGORIES
from consent.arrangements.record import SCHEMA_PATH, SCHEMA_VERSION, states

_TEXT = {"type": "string"}
_URL = {"type": "string", "format": "uri"}
_INSTANT = {"type": "string", "format": "date-time"}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{settings.ISSUER}{SCHEMA_PATH}",
        "title": "Consent receipt",
        "description": "What a customer agreed to or ended, with whom, for what and until when.",
        **_object(
            {
                "schema_version": {"const": SCHEMA_VERSION},
                "schema": {**_URL, "description": "Where this schema is."},
                "record_id": {
                    "type": "string",
                    "format": "uuid",
                    "description": "The arrangement, the same over all its versions (grant_id).",
                },
                "record_version": {
                    "type": "integer",
                    "minimum": 1,
                    "description": "Ours: which version of the arrangement this is about.",
                },
                "receipt_id": {"type": "string", "pattern": "^MR-[0-9]{4}-[0-9]{6,}$"},
                "pii_principal_id": {
                    "type": "string",
                    "format": "uuid",
                    "description": "The customer, by the only name that the recipient knows.",
                },
                "language": {**_TEXT, "description": "BCP 47: of the words below, as shown."},
                "privacy_notice": _notice(),
                "service": {**_TEXT, "description": "The recipient's product, by its brand."},
                "environment": {"enum": ["production", "sandbox"]},
                "jurisdiction": _TEXT,
                "pii_controllers": {
                    "type": "array",
                    "minItems": 2,
                    "items": _party("party_id", "party_role"),
                    "description": "First the recipient, then who holds the data.",
                },
                "purposes": {"type": "array", "items": _purpose()},
                "validity_duration": {**_INSTANT, "description": "Until when, if nobody stops it."},
                "duration": {"enum": ["one_time", "fixed"]},
                "obtained": {
                    "type": "object",
                    "description": "Ours: how the customer was asked, and had signed in.",
                },
                "withdrawal_method": {**_URL, "description": "Where sharing is stopped online."},
                "withdrawal": _object(
                    {
                        "review": _URL,
                        "online": _URL,
                        "email": _TEXT,
                        "phone": _TEXT,
                        "delete_within": {
                            **_TEXT,
                            "description": "How soon the recipient deletes after the end.",
                        },
                    }
                ),
                "privacy_rights": {**_URL, "description": "Where the customer's rights are used."},
                "authority_party": _party("party_url"),
                "event": _event(),
            }
        ),
    }


def _notice() -> dict[str, Any]:
    reference = _object(
        {
            "code": _TEXT,
            "version": {"type": "integer", "minimum": 1},
            "locale": _TEXT,
            "title": _TEXT,
            "sha256": _SHA256,
            "url": _URL,
        }
    )
    return _object(
        {
            "title": {**_TEXT, "description": "The first line of the screen that asked."},
            "sha256": {**_SHA256, "description": "Of the text of that screen."},
            "url": {**_TEXT, "description": "The recipient's own notice."},
            "holder_notice": {"anyOf": [reference, {"type": "null"}]},
        }
    )


def _purpose() -> dict[str, Any]:
    return _object(
        {
            "purpose": _TEXT,
            "purpose_type": {**_TEXT, "description": "Its code and version in our vocabulary."},
            "purpose_description": {**_TEXT, "description": "Why, in the words shown."},
            "lawful_basis": {"enum": ["consent", "explicit_consent"]},
            "collection_method": _TEXT,
            "recipient_third_parties": {"type": "array", "items": _TEXT},
            "storage_locations": {
                "type": "array",
                "items": _TEXT,
                "description": "Countries where the recipient is established; it told of no other.",
            },
            "retention_period": {"type": "string", "pattern": "^P[0-9]+D$"},
            "retention_description": _TEXT,
            "look_back_from": {"anyOf": [_INSTANT, {"type": "null"}]},
            "scope": {**_TEXT, "description": "Ours: the OAuth scope."},
            "pii_information": _object(
                {
                    "pii_type": {**_TEXT, "description": "What it is called wherever it is shown."},
                    "pii_description": _TEXT,
                    "pii_permissions": {"type": "array", "items": _TEXT},
                    "pii_category": {**_TEXT, "description": "The cluster and its version."},
                    "pii_attribute_id": {
                        "type": "object",
                        "description": "What each operation may answer, pinned when it was given.",
                    },
                    "pii_resources": {
                        "type": ["array", "null"],
                        "items": _TEXT,
                        "description": "Ours: which of the customer's things, by reference.",
                    },
                    "pii_optional": {"type": "boolean"},
                    "sensitive_pii_category": _TEXT,
                },
                # Not in receipts from before it was kept.
                special_pii_category={
                    "enum": [*SPECIAL_CATEGORIES, None],
                    "description": "The special category that it is of (GDPR Art. 9 (1)).",
                },
            ),
        },
        limited_to={
            "type": "array",
            "items": {"type": "object"},
            "description": "Ours: the single cases that alone were agreed to (RFC 9396).",
        },
    )


def _event() -> dict[str, Any]:
    return _object(
        {
            "event_id": {"type": "string", "format": "uuid"},
            "event_kind": {**_TEXT, "description": "Ours: the kind in our log."},
            "event_time": _INSTANT,
            "event_type": {"const": "explicit"},
            "event_state": {"enum": states()},
            "entity_id": {"enum": ["customer", "guardian", "application", "staff", "portal"]},
            "reason": {**_TEXT, "description": "A code, where it ended."},
        }
    )


def _party(*required: str) -> dict[str, Any]:
    names = (
        "party_id", "party_name", "party_role", "party_address", "party_contact", "party_phone",
        "party_url", "party_type",
    )  # fmt: skip
    return {
        "type": "object",
        "properties": dict.fromkeys(names, _TEXT),
        "required": ["party_name", *required],
        "additionalProperties": False,
    }


def _object(properties: dict[str, Any], **optional: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**properties, **optional},
        "required": list(properties),
        "additionalProperties": False,
    }
