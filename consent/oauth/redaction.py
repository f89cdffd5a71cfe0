"""What of a request may be kept for its developers: names and harmless values, nothing that opens.

Only what is known to be safe is shown; everything else is said to be there and no more. So a
secret in the wrong field, or a field that nobody has thought of, stays out as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from consent.oauth.scopes import OWN_SCOPES

HIDDEN = "sent, not kept"
MASK = "…"
MAX_DESCRIPTION = 300
_SCOPE = re.compile(r"[a-z][a-z0-9_.-]{0,29}(:[a-z][a-z0-9_.-]{0,29}){1,3}")
_PLAIN_SCOPES = frozenset({"openid", "profile", "email", "offline_access"}) | OWN_SCOPES
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]{0,20}://(\[[0-9a-f:]{2,39}\]|[a-z0-9.-]{1,253})(:\d{1,5})?")
_SEGMENT = re.compile(r"[A-Za-z0-9._~-]{0,32}")
# As `open_client` makes them: a secret that was sent as the id is none.
_CLIENT_ID = re.compile(r"[a-z0-9]{1,12}_(?:test|live)_[0-9a-z]{4,40}")
_WORDS: Mapping[str, frozenset[str]] = {
    "grant_type": frozenset(
        {
            "authorization_code",
            "client_credentials",
            "refresh_token",
            "password",
            "implicit",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    ),
    "response_type": frozenset({"code", "token", "id_token", "none"}),
    "response_mode": frozenset(
        {"query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt"}
    ),
    "code_challenge_method": frozenset({"S256", "plain"}),
    "prompt": frozenset({"none", "login", "consent", "select_account"}),
    "token_type_hint": frozenset({"access_token", "refresh_token"}),
    "client_assertion_type": frozenset({"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}),
    "grant_management_action": frozenset({"create", "merge", "replace"}),
}
_OTHERS = frozenset(
    {
        # What a client says of itself when it registers (RFC 7591 §2).
        "authorization_details_types", "backchannel_logout_uri", "client_name", "client_uri",
        "dpop_bound_access_tokens", "grant_types", "id_token_signed_response_alg", "jwks",
        "jwks_uri", "policy_uri", "post_logout_redirect_uris", "redirect_uris", "response_types",
        "software_statement", "tls_client_auth_subject_dn", "token_endpoint_auth_method",
        "acr_values", "assertion", "authorization_details", "claims", "client_assertion",
        "client_secret", "code", "code_challenge", "code_verifier", "device_code", "display",
        "dpop_jkt", "grant_id", "id_token_hint", "login_hint", "max_age", "nonce", "password",
        "refresh_token", "request", "request_uri", "state", "token", "ui_locales", "username",
    }
)  # fmt: skip


def shown(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return each known parameter as name and what may be read of its value, in order."""
    known = [(name, _value(name, value)) for name, value in pairs if _is_known(name)]
    unknown = len(pairs) - len(known)
    return [*known, *([("other parameters", str(unknown))] if unknown else [])]


def masked(description: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Return the words of an answer without what the request put into them."""
    sent = {part for pair in pairs for text in pair for part in text.split()}
    sent |= {value for name, value in pairs if not _is_known(name) or name in _OTHERS}
    safe = {part for pair in shown(pairs) for text in pair for part in text.split()}
    for part in sorted(sent - safe, key=len, reverse=True):
        if len(part) > 2:
            description = description.replace(part, MASK)
    return description[:MAX_DESCRIPTION]


def is_client_id(text: str) -> bool:
    return bool(_CLIENT_ID.fullmatch(text))


def _is_known(name: str) -> bool:
    return (
        name in _WORDS
        or name in _OTHERS
        or name in {"client_id", "redirect_uri", "resource", "scope"}
    )


def _value(name: str, value: str) -> str:
    if name in _WORDS:
        return " ".join(word if word in _WORDS[name] else MASK for word in value.split(" "))[:200]
    if name == "scope":
        return " ".join(map(_scope, value.split(" ")[:40]))
    if name in {"redirect_uri", "resource"}:
        return _address(value)
    if name == "client_id" and is_client_id(value):
        return value
    return HIDDEN


def _scope(name: str) -> str:
    return name if name in _PLAIN_SCOPES or _SCOPE.fullmatch(name) else MASK


def _address(value: str) -> str:
    """Return scheme, host and path, without the query and what could be a token."""
    try:
        parts = urlsplit(value)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    except ValueError:
        return HIDDEN
    if not _ORIGIN.fullmatch(origin):
        return HIDDEN
    path = "/".join(one if _SEGMENT.fullmatch(one) else MASK for one in parts.path.split("/")[:20])
    return f"{origin}{path}"[:300] + (f"?{MASK}" if parts.query else "")
