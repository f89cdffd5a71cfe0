"""The authorization server's addresses in the description of the portal's API.

They are no views of the REST framework, so what they take and answer is said here and added to what
the framework finds. `tests/consent/oauth/test_openapi.py` asks each as it is described.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from consent.oauth.openapi_fields import (
    ASKS,
    CLIENT,
    LEAVES,
    LIMITS,
    PROOF,
    PROVES,
    REDEEMS,
    SCHEMES,
    TEXT,
    TOKEN,
    Json,
    schemas,
)

TAG = "Authorization server"
FORM, JSON, HTML = "application/x-www-form-urlencoded", "application/json", "text/html"
SIGNED = "application/token-introspection+jwt"
ERROR, SAYS_LITTLE = {"$ref": "#/components/schemas/OAuthError"}, {"type": "object"}


def add_endpoints(result: Json, **_: Any) -> Json:
    """Add every address of the authorization server; a hook of drf-spectacular."""
    components = result.setdefault("components", {})
    components.setdefault("securitySchemes", {}).update(SCHEMES)
    components.setdefault("schemas", {}).update(schemas())
    result["paths"].update(_paths())
    return result


def error(words: str) -> Json:
    return {"description": words, "content": {JSON: {"schema": ERROR}}}


def answer(words: str, schema: Mapping[str, Any] | None = None, kind: str = JSON) -> Json:
    return {"description": words, **({"content": {kind: {"schema": schema}}} if schema else {})}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def operation(
    name: str, words: str, responses: Mapping[int, Json], *, auth: list[Json] | None = None
) -> Json:
    return {
        "operationId": name,
        "description": words,
        "tags": [TAG],
        "security": [{}] if auth is None else auth,
        "responses": {str(status): said for status, said in responses.items()},
    }


def _paths() -> Json:
    grant = reverse("oauth:grant", args=["00000000-0000-4000-8000-000000000000"])
    described = {
        "par": {"post": _push()},
        "authorize": {"get": _authorize()},
        "token": {"post": _token()},
        "device_authorization": {"post": _device_authorization()},
        "introspect": {"post": _introspect()},
        "revoke": {"post": _revoke()},
        "userinfo": {method: _userinfo(method) for method in ("get", "post")},
        "logout": {"get": _logout("get"), "post": _logout("post")},
        "metadata": {"get": _metadata("oauthMetadata", "As RFC 8414 has it.")},
        "discovery": {"get": _metadata("openidConfiguration", "As OpenID Connect Discovery does.")},
        "resource": {"get": _metadata("resourceMetadata", "The portal itself, as in RFC 9728.")},
    }
    return {
        **{reverse(f"oauth:{name}"): item for name, item in described.items()},
        reverse("keys:jwks"): {"get": _metadata("jwks", "The public keys that sign.", "JwkSet")},
        grant.rpartition("/")[0] + "/{grant_id}": _grant(),
    }


def _asked_by_client(
    name: str,
    words: str,
    fields: Json,
    responses: Mapping[int, Json],
    *,
    required: tuple[str, ...] = (),
    takes_proof: bool = False,
) -> Json:
    """Return an operation that takes a form of a client that proves itself."""
    schema = {"type": "object", "properties": {**PROVES, **fields}, "required": list(required)}
    if not required:
        del schema["required"]
    refusals = {
        400: error("Something about the request is wrong: see error."),
        401: error("The client did not prove who it is."),
        413: error("The body is too large."),
        503: error("What was used before cannot be looked up: ask again in a moment."),
    }
    described = operation(name, words, {**responses, **refusals}, auth=CLIENT)
    described["requestBody"] = {"required": True, "content": {FORM: {"schema": schema}}}
    if takes_proof:
        described["parameters"] = [PROOF]
    return described


def _push() -> Json:
    return _asked_by_client(
        "pushAuthorizationRequest",
        "Push an authorization request (RFC 9126); a browser then names it by its request_uri.",
        ASKS,
        {201: answer("Kept for a browser.", ref("PushedRequest"))},
        takes_proof=True,
    )


def _token() -> Json:
    return _asked_by_client(
        "issueToken",
        "Exchange a code, refresh, ask for the client itself, or collect for a device.",
        REDEEMS,
        {200: answer("The tokens, and what they are for.", ref("TokenAnswer"))},
        required=("grant_type",),
        takes_proof=True,
    )


def _device_authorization() -> Json:
    return _asked_by_client(
        "authorizeDevice",
        "Begin for a device without a browser (RFC 8628).",
        {"scope": TEXT, **LIMITS},
        {200: answer("What to show, and what to collect with.", ref("DeviceCodes"))},
        takes_proof=True,
    )


def _introspect() -> Json:
    described = _asked_by_client(
        "introspectToken",
        "Ask what your access token counts for now (RFC 7662), signed if you like (RFC 9701).",
        {"token": TEXT, "token_type_hint": TEXT},
        {200: answer("What it counts for, or that it does not.", ref("TokenDescription"))},
        required=("token",),
    )
    described["responses"]["200"]["content"][SIGNED] = {"schema": TEXT}
    described["parameters"] = [
        {"name": "Accept", "in": "header", "schema": {"type": "string", "enum": [JSON, SIGNED]}}
    ]
    return described


def _revoke() -> Json:
    return _asked_by_client(
        "revokeToken",
        "End a token and all that came with it (RFC 7009); the customer's agreement stays.",
        {"token": TEXT, "token_type_hint": TEXT},
        {200: answer("It does not count, or never did.")},
        required=("token",),
    )


def _authorize() -> Json:
    described = operation(
        "authorize",
        "Send a customer's browser here. The answer is a page, or the way back to redirect_uri.",
        {
            200: answer("The customer is asked.", TEXT, HTML),
            302: answer("The customer has to sign in."),
            303: answer("Back to redirect_uri, with error and iss."),
            400: answer("Nowhere is safe to go: a page says why.", TEXT, HTML),
            403: answer("Who is signed in is nobody whom this client may ask.", TEXT, HTML),
            409: answer("It was answered before.", TEXT, HTML),
        },
        auth=[{}, {"cookieAuth": []}],
    )
    described["parameters"] = _in_query({**ASKS, "request_uri": TEXT, "client_id": TEXT})
    return described


def _logout(method: str) -> Json:
    words = "Sign a customer out who comes with an id token of this session; ask others first."
    responses = {
        200: answer("Signed out, or asked whether to be.", TEXT, HTML),
        303: answer("Back to post_logout_redirect_uri, with state; after a form, here again."),
        400: answer("Nowhere is safe to go: a page says why.", TEXT, HTML),
    }
    described = operation(f"{method}Logout", words, responses, auth=[{}, {"cookieAuth": []}])
    if method == "get":
        described["parameters"] = _in_query(LEAVES)
    else:
        schema = {"type": "object", "properties": LEAVES}
        described["requestBody"] = {"content": {FORM: {"schema": schema}}}
    return described


def _userinfo(method: str) -> Json:
    described = operation(
        f"{method}Userinfo",
        "Say whom an access token with the scope openid speaks of.",
        {
            200: answer("The customer's name for this application.", ref("Userinfo")),
            401: error("No token, or none that counts."),
            403: error("The token lacks the scope."),
            503: error("What was used before cannot be looked up: ask again in a moment."),
        },
        auth=TOKEN,
    )
    described["parameters"] = [PROOF]
    return described


def _grant() -> Json:
    refusals = {
        400: error("Nothing belongs in the address but the grant."),
        401: error("No token, or none that counts."),
        403: error("The token lacks the scope."),
        404: error("Ended, foreign, unknown or never fetched."),
        503: error("What was used before cannot be looked up: ask again in a moment."),
    }
    read = operation(
        "readGrant",
        "Say what a grant allows now; the token has grant_management_query.",
        {200: answer("Scopes, APIs and single cases.", ref("Grant")), **refusals},
        auth=TOKEN,
    )
    gone = {204: answer("The agreement and every token of it have ended."), **refusals}
    give_back = operation(
        "revokeGrant", "Give a grant back; the token has grant_management_revoke.", gone, auth=TOKEN
    )
    uuid = {"type": "string", "format": "uuid"}
    place = {"name": "grant_id", "in": "path", "required": True, "schema": uuid}
    return {
        method: {**described, "parameters": [place, PROOF]}
        for method, described in (("get", read), ("delete", give_back))
    }


def _metadata(name: str, words: str, schema: str = "") -> Json:
    said = ref(schema) if schema else SAYS_LITTLE
    return operation(name, words, {200: answer("To be kept as long as the header says.", said)})


def _in_query(fields: Json) -> list[Json]:
    return [
        {"name": name, "in": "query", "schema": schema, "required": name == "client_id"}
        for name, schema in fields.items()
    ]
