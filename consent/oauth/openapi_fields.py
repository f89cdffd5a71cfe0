"""What goes in and comes out at the addresses of the authorization server, as JSON Schema."""

from __future__ import annotations

from typing import Any

from consent.arrangements.models import Management
from consent.oauth.authorization import MAX_STATE_BYTES, PROMPTS
from consent.oauth.limits import DETAILS
from consent.oauth.validator import GRANT_TYPES
from consent.proofs.protocol.client_assertion import ASSERTION_TYPE

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
ADDRESS: Json = {"type": "string", "format": "uri"}

# Who calls: a client, by a secret, a certificate, or what its form holds.
CLIENT: list[Json] = [{"clientSecret": []}, {"clientCertificate": []}, {}]
TOKEN: list[Json] = [{"accessToken": []}, {"boundAccessToken": []}]
SCHEMES: Json = {
    "clientSecret": {
        "type": "http",
        "scheme": "basic",
        "description": "client_id and secret of a sandbox client, each form-encoded first.",
    },
    "clientCertificate": {
        "type": "mutualTLS",
        "description": "The certificate that is registered for the client (RFC 8705).",
    },
    "accessToken": {"type": "http", "scheme": "bearer", "description": "An access token."},
    "boundAccessToken": {
        "type": "http",
        "scheme": "DPoP",
        "description": "An access token that is bound to a key, with a proof in the DPoP header.",
    },
}
PROVES: Json = {
    "client_id": TEXT,
    "client_secret": TEXT,
    "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
    "client_assertion": {**TEXT, "description": "A JWT that the client signed (RFC 7523)."},
}
LIMITS: Json = {
    "resource": {"type": "array", "items": ADDRESS, "description": "APIs, as in RFC 8707."},
    DETAILS: {**TEXT, "description": "Single cases as a JSON array, as in RFC 9396."},
}
ASKS: Json = {
    "response_type": {"type": "string", "enum": ["code"]},
    "redirect_uri": ADDRESS,
    "scope": {**TEXT, "description": "Names with one space between them."},
    "state": {**TEXT, "maxLength": MAX_STATE_BYTES},
    "nonce": {**TEXT, "maxLength": 255},
    "code_challenge": {**TEXT, "pattern": "^[A-Za-z0-9_-]{43}$"},
    "code_challenge_method": {"type": "string", "enum": ["S256"]},
    "response_mode": {"type": "string", "enum": ["query", "query.jwt", "jwt"]},
    "prompt": {**TEXT, "description": f"Some of: {', '.join(sorted(PROMPTS))}."},
    "max_age": {"type": "integer", "minimum": 0},
    "login_hint": {**TEXT, "maxLength": 255},
    "ui_locales": {**TEXT, "maxLength": 255},
    "id_token_hint": TEXT,
    "dpop_jkt": {**TEXT, "pattern": "^[A-Za-z0-9_-]{43}$"},
    **LIMITS,
    "grant_management_action": {"type": "string", "enum": Management.values},
    "grant_id": {"type": "string", "format": "uuid"},
    "request": {**TEXT, "description": "All of it as one signed JWT (RFC 9101)."},
}
REDEEMS: Json = {
    "grant_type": {"type": "string", "enum": list(GRANT_TYPES)},
    "code": TEXT,
    "redirect_uri": ADDRESS,
    "code_verifier": {**TEXT, "pattern": "^[A-Za-z0-9._~-]{43,128}$"},
    "refresh_token": TEXT,
    "device_code": TEXT,
    "scope": TEXT,
    **LIMITS,
}
LEAVES: Json = {
    "id_token_hint": TEXT,
    "client_id": TEXT,
    "post_logout_redirect_uri": ADDRESS,
    "state": {**TEXT, "maxLength": MAX_STATE_BYTES},
}
PROOF: Json = {
    "name": "DPoP",
    "in": "header",
    "schema": TEXT,
    "description": "A proof that the sender holds a key (RFC 9449).",
}


def schemas() -> Json:
    seconds: Json = {"type": "integer", "minimum": 0}
    details: Json = {"type": "array", "items": {"type": "object", "required": ["type"]}}
    uuid: Json = {"type": "string", "format": "uuid"}
    return {
        "OAuthError": _object({"error": TEXT, "error_description": TEXT}, required=("error",)),
        "PushedRequest": _object({"request_uri": TEXT, "expires_in": seconds}),
        "TokenAnswer": _object(
            {
                "access_token": TEXT,
                "token_type": {"type": "string", "enum": ["Bearer", "DPoP"]},
                "expires_in": seconds,
                "scope": TEXT,
                "refresh_token": TEXT,
                "id_token": TEXT,
                "grant_id": uuid,
                DETAILS: details,
            },
            required=("access_token", "token_type", "expires_in", "scope"),
        ),
        "DeviceCodes": _object(
            {
                "device_code": TEXT,
                "user_code": TEXT,
                "verification_uri": ADDRESS,
                "verification_uri_complete": ADDRESS,
                "expires_in": seconds,
                "interval": seconds,
            }
        ),
        "TokenDescription": _object({"active": {"type": "boolean"}}),
        "Userinfo": _object({"sub": TEXT}),
        "JwkSet": _object({"keys": {"type": "array", "items": {"type": "object"}}}),
        "Grant": _object(
            {
                "scopes": {"type": "array", "items": {"type": "object"}},
                "claims": {"type": "array"},
                DETAILS: details,
                "created_at": seconds,
                "expires_at": seconds,
            }
        ),
    }


def _object(properties: Json, *, required: tuple[str, ...] | None = None) -> Json:
    """Return the schema of an object of which, unless said otherwise, each member is there."""
    needed = list(properties) if required is None else list(required)
    return {"type": "object", "properties": properties, "required": needed}
