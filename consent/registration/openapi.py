"""The endpoints of registration in the description of the portal's API (RFC 7591, RFC 7592)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from consent.oauth.openapi import JSON, answer, error, operation, ref
from consent.oauth.openapi_fields import ADDRESS, TEXT, Json
from partners.applications.profiles import ALGORITHMS, Method

ADDRESSES: Json = {"type": "array", "items": ADDRESS}
SCHEMES: Json = {
    "initialAccessToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "Made by an owner on the page Registration by program.",
    },
    "registrationAccessToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "From the answer to the registration.",
    },
}
DESCRIBES: Json = {
    "client_name": {**TEXT, "description": "Customers know the application by it; it stays."},
    "redirect_uris": ADDRESSES,
    "scope": TEXT,
    "grant_types": {"type": "array", "items": TEXT},
    "response_types": {"type": "array", "items": {"type": "string", "enum": ["code"]}},
    "token_endpoint_auth_method": {"type": "string", "enum": Method.values},
    "jwks": {"type": "object", "description": "One of jwks, jwks_uri and the certificate."},
    "jwks_uri": ADDRESS,
    "tls_client_auth_subject_dn": TEXT,
    "dpop_bound_access_tokens": {"type": "boolean"},
    "client_uri": ADDRESS,
    "policy_uri": ADDRESS,
    "authorization_details_types": {"type": "array", "items": TEXT},
    "id_token_signed_response_alg": {"type": "string", "enum": list(ALGORITHMS)},
    "post_logout_redirect_uris": ADDRESSES,
    "backchannel_logout_uri": ADDRESS,
}
REFUSALS = {
    400: error("A member is not one that we can take; the words say which."),
    401: error("The token is unknown, used up, revoked or has ended."),
    413: error("The body is too large."),
}


def add_endpoints(result: Json, **_: Any) -> Json:
    """Add the endpoints; a hook of drf-spectacular."""
    components = result.setdefault("components", {})
    components.setdefault("securitySchemes", {}).update(SCHEMES)
    components.setdefault("schemas", {})["RegisteredClient"] = {
        "type": "object",
        "properties": {
            **DESCRIBES,
            "client_id": TEXT,
            "client_id_issued_at": {"type": "integer"},
            "client_secret": TEXT,
            "client_secret_expires_at": {"type": "integer"},
            "registration_access_token": TEXT,
            "registration_client_uri": ADDRESS,
        },
        "required": ["client_id", "registration_access_token", "registration_client_uri"],
    }
    managed = reverse("registration:client", args=["-"]).removesuffix("-") + "{client_id}"
    result["paths"] |= {
        reverse("registration:register"): {"post": _register()},
        managed: {
            "get": _managed("readClient", "Read a registration.", {200: _TOLD}),
            "put": _replace(),
            "delete": _managed("removeClient", "End a registration for good.", _GONE),
        },
    }
    return result


_TOLD = answer("The client as it counts now.", ref("RegisteredClient"))
_GONE = {
    204: answer("The client has ended."),
    403: error("Customers may know it: only people end it, in the portal."),
}


def _register() -> Json:
    described = operation(
        "registerClient",
        "Register a sandbox application. What we do not know is ignored.",
        {201: _TOLD, **REFUSALS},
        auth=[{"initialAccessToken": []}],
    )
    return described | _body(DESCRIBES, "client_name")


def _replace() -> Json:
    described = _managed("replaceClient", "Replace a registration.", {200: _TOLD, **REFUSALS})
    return described | _body({"client_id": TEXT, **DESCRIBES}, "client_id", "client_name")


def _managed(name: str, words: str, responses: dict[int, Json]) -> Json:
    said = {401: REFUSALS[401], **responses}
    described = operation(name, words, said, auth=[{"registrationAccessToken": []}])
    spelled = {**TEXT, "pattern": "^[A-Za-z0-9_-]+$"}
    place = {"name": "client_id", "in": "path", "required": True, "schema": spelled}
    return {**described, "parameters": [place]}


def _body(members: Json, *required: str) -> Json:
    schema = {"type": "object", "properties": members, "required": list(required)}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}
