"""Access tokens as signed JWTs (RFC 9068): what a resource server can read without asking."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from consent.arrangements.pseudonyms import pseudonym_of
from consent.keys import jws
from consent.oauth.models import AccessToken
from consent.oauth.rar import Detail, canonical, contents
from portal.secrets import new_secret

TYPE = "at+jwt"
# A token travels in one header: longer details are there for who asks the introspection endpoint.
MAX_DETAILS_LENGTH = 1500


def mint(token: AccessToken, *, subject: UUID | None = None) -> str:
    """Return the signed token for a row that is about to be saved; `jti` names it alone.

    `subject` is the customer's name for the application where the caller has read it already.
    """
    return jws.sign(claims_of(token, subject=subject), typ=TYPE)


def claims_of(token: AccessToken, *, subject: UUID | None = None) -> dict[str, Any]:
    """Return the claims of RFC 9068 §2.2: instants in whole seconds, `aud` who may accept it."""
    claims: dict[str, Any] = {
        "iss": settings.ISSUER,
        "sub": str(subject or subject_of(token)),
        "aud": audience_of(token),
        "client_id": token.application.client_id,
        "iat": int(timezone.now().timestamp()),
        "exp": int(token.expires.timestamp()),
        "jti": new_secret(size=16),
        "scope": token.scope,
    }
    details = contents(map(Detail.from_json, token.details))
    if details and len(canonical(details)) <= MAX_DETAILS_LENGTH:
        claims["authorization_details"] = details
    if token.confirmation:
        claims["cnf"] = token.confirmation
    return claims


def subject_of(token: AccessToken) -> str:
    """Return the customer's name for this application alone, or the client's own (RFC 9068 §2.2).

    The two cannot collide: one is a UUID, the other is not (RFC 9700 §4.15).
    """
    if token.arrangement is None:
        return str(token.application.client_id)
    return str(pseudonym_of(token.arrangement.customer, token.application.application))


def audience_of(token: AccessToken) -> list[str]:
    """Return the resource servers that may accept it (RFC 8707 §2); by default our gateway."""
    return list(token.resource) or [settings.GATEWAY_URL]
