"""The answer to an authorization request: where the browser goes, plain or signed (JARM)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from consent.keys import jws
from consent.oauth.authorization import ReturnAddress
from consent.proofs.errors import OAuthError

ALGORITHMS = ("ES256",)
# JARM §2.1 recommends at most ten minutes; the browser is on its way.
LIFETIME = timedelta(minutes=5)


def location_of(address: ReturnAddress, **answer: str) -> str:
    """Return the address with the answer and who gives it (RFC 9207)."""
    if not address.is_signed:
        return address.answer(issuer=settings.ISSUER, **answer)
    if address.state:
        answer["state"] = address.state
    claims = {
        "iss": settings.ISSUER,
        "aud": address.client_id,
        "exp": int((timezone.now() + LIFETIME).timestamp()),
        **answer,
    }
    return address.carry(response=jws.sign(claims, typ="JWT", algorithm=ALGORITHMS[0]))


def refusal_of(address: ReturnAddress, error: OAuthError) -> str:
    return location_of(address, error=error.code, error_description=str(error))
