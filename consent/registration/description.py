"""Client metadata (RFC 7591 §2), read strictly: what we understand is checked, the rest ignored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consent.oauth.validator import GRANT_TYPES
from consent.registration.errors import (
    InvalidClientMetadata,
    InvalidRedirectUri,
    UnapprovedSoftwareStatement,
)
from partners.applications.profiles import ALGORITHMS, Method
from partners.applications.redirects import MAX_COUNT, MAX_LENGTH
from portal.jose import read_json

MAX_BYTES = 32 * 1024
MAX_NAME = 60
MAX_LINE = 200
MAX_SCOPES = 40
# What an answer of ours holds and a request must not (RFC 7592 §2.2).
OURS = ("registration_access_token", "registration_client_uri", "client_secret_expires_at",
        "client_id_issued_at")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Description:
    """What a client says about itself; absent members have the defaults of RFC 7591 §2."""

    name: str
    redirect_uris: tuple[str, ...]
    method: Method
    scopes: tuple[str, ...]
    jwks: Mapping[str, Any] | None
    jwks_uri: str
    certificate_subject: str
    is_dpop_bound: bool
    homepage_url: str
    privacy_url: str
    detail_types: tuple[str, ...]
    # OpenID Connect Registration §2 and its siblings for signing out.
    id_token_algorithm: str
    post_logout_redirect_uris: tuple[str, ...]
    backchannel_logout_uri: str

    @property
    def has_keys(self) -> bool:
        return bool(self.jwks or self.jwks_uri or self.certificate_subject)


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a request; raise `InvalidClientMetadata` for anything else."""
    try:
        found = read_json(body)
    except ValueError as error:
        raise InvalidClientMetadata("The body must be JSON, with each name once.") from error
    if not isinstance(found, dict):
        raise InvalidClientMetadata("The body must be a JSON object.")
    return found


def read_description(said: Mapping[str, Any]) -> Description:
    """Return the metadata; raise with the words and the code of RFC 7591 §3.2.2.

    Redirect URIs, keys and scopes are checked where they are kept.
    """
    if "software_statement" in said:
        raise UnapprovedSoftwareStatement("Software statements are not read here.")
    if found := [name for name in OURS if name in said]:
        raise InvalidClientMetadata(f"{found[0]} is ours to say.")
    grants = _words(said, "grant_types", ("authorization_code",), allowed=GRANT_TYPES)
    redirect_uris = _redirect_uris(said)
    if "authorization_code" in grants and not redirect_uris:
        raise InvalidRedirectUri("redirect_uris is missing: authorization_code needs one.")
    _words(said, "response_types", ("code",), allowed=("code",))
    described = Description(
        name=_line(said, "client_name", at_most=MAX_NAME),
        redirect_uris=redirect_uris,
        method=_method(said),
        scopes=_scopes(said),
        jwks=_key_set(said),
        jwks_uri=_line(said, "jwks_uri", at_most=500),
        certificate_subject=_line(said, "tls_client_auth_subject_dn", at_most=500),
        is_dpop_bound=_flag(said, "dpop_bound_access_tokens"),
        homepage_url=_line(said, "client_uri", at_most=MAX_LINE),
        privacy_url=_line(said, "policy_uri", at_most=MAX_LINE),
        detail_types=_lines(said, "authorization_details_types"),
        id_token_algorithm=_algorithm(said),
        post_logout_redirect_uris=_lines(said, "post_logout_redirect_uris"),
        backchannel_logout_uri=_line(said, "backchannel_logout_uri", at_most=MAX_LENGTH),
    )
    if not described.name:
        raise InvalidClientMetadata("client_name is missing: customers read it.")
    _require_fitting_keys(described)
    return described


def _require_fitting_keys(said: Description) -> None:
    if sum(map(bool, (said.jwks, said.jwks_uri, said.certificate_subject))) > 1:
        raise InvalidClientMetadata(
            "Send jwks, jwks_uri or tls_client_auth_subject_dn: one of them."
        )
    fits = {
        Method.PRIVATE_KEY_JWT: bool(said.jwks or said.jwks_uri),
        Method.SELF_SIGNED_TLS: bool(said.jwks),
        Method.TLS: bool(said.certificate_subject),
    }
    if not fits.get(said.method, True):
        raise InvalidClientMetadata(f"{said.method} needs the key or certificate that it is about.")


def _method(said: Mapping[str, Any]) -> Method:
    name = said.get("token_endpoint_auth_method", Method.SECRET_BASIC.value)
    if name not in Method.values:
        raise InvalidClientMetadata(f"token_endpoint_auth_method: {', '.join(Method.values)}.")
    return Method(name)


def _algorithm(said: Mapping[str, Any]) -> str:
    name = said.get("id_token_signed_response_alg", ALGORITHMS[0])
    if name not in ALGORITHMS:
        raise InvalidClientMetadata(f"id_token_signed_response_alg: {', '.join(ALGORITHMS)}.")
    return str(name)


def _redirect_uris(said: Mapping[str, Any]) -> tuple[str, ...]:
    found = said.get("redirect_uris", [])
    if not isinstance(found, list) or not all(isinstance(uri, str) for uri in found):
        raise InvalidRedirectUri("redirect_uris must be an array of addresses.")
    return tuple(found)


def _words(
    said: Mapping[str, Any], name: str, default: tuple[str, ...], *, allowed: tuple[str, ...]
) -> tuple[str, ...]:
    found = said.get(name, list(default))
    if not isinstance(found, list) or not found or any(word not in allowed for word in found):
        raise InvalidClientMetadata(f"{name} may hold: {', '.join(allowed)}.")
    return tuple(dict.fromkeys(found))


def _scopes(said: Mapping[str, Any]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(_line(said, "scope", at_most=4000).split()))
    if len(names) > MAX_SCOPES:
        raise InvalidClientMetadata(f"scope names more than {MAX_SCOPES}.")
    return names


def _lines(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = said.get(name, [])
    if not isinstance(found, list) or len(found) > MAX_COUNT:
        raise InvalidClientMetadata(f"{name} must be an array of at most {MAX_COUNT} texts.")
    lines = [_line({name: each}, name, at_most=MAX_LENGTH) for each in found]
    return tuple(dict.fromkeys(filter(None, lines)))


def _key_set(said: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = said.get("jwks")
    if found is not None and not isinstance(found, dict):
        raise InvalidClientMetadata("jwks must be a JWK Set.")
    return found


def _flag(said: Mapping[str, Any], name: str) -> bool:
    found = said.get(name, False)
    if not isinstance(found, bool):
        raise InvalidClientMetadata(f"{name} must be true or false.")
    return found


def _line(said: Mapping[str, Any], name: str, *, at_most: int) -> str:
    found = said.get(name, "")
    if not isinstance(found, str) or len(found) > at_most or not found.isprintable():
        raise InvalidClientMetadata(f"{name} must be a line of at most {at_most} characters.")
    return found.strip()
