"""Id tokens (OpenID Connect Core §2): who signed in, when and how, told to one client."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from consent.arrangements.models import Customer, Pseudonym
from consent.keys import jws
from consent.oauth.models import SignIn
from consent.oauth.openid import amr_of, at_hash
from partners.applications.models import Client

# An access token has another type, so neither is ever taken for the other (RFC 9068 §2.1).
TYPE = "JWT"
LIFETIME = timedelta(minutes=5)


def mint(
    sign_in: SignIn, *, access_token: str, signed_in_at: datetime | None, nonce: str = ""
) -> str:
    """Return the signed token that goes out beside `access_token`; `nonce` as it was asked with."""
    client = sign_in.client
    now = timezone.now()
    algorithm = client.id_token_signed_response_alg
    claims: dict[str, Any] = {
        "iss": settings.ISSUER,
        "sub": str(sign_in.subject),
        "aud": client.client_id,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "at_hash": at_hash(access_token, algorithm=algorithm),
        "sid": sign_in.sid,
    }
    if signed_in_at is not None:
        claims["auth_time"] = int(signed_in_at.timestamp())
    if methods := amr_of(sign_in.methods):
        claims["amr"] = methods
    if nonce:
        claims["nonce"] = nonce
    return jws.sign(claims, typ=TYPE, algorithm=algorithm)


def read_hint(raw: str) -> dict[str, Any] | None:
    """Return the claims of an id token of ours, or None; its time may be over, its key retired.

    OpenID Connect RP-Initiated Logout §2: a hint is taken although it has expired.
    """
    try:
        claims = jws.read_of_record(raw, typ=TYPE)
    except jws.BadSignature:
        return None
    is_ours = claims.get("iss") == settings.ISSUER
    is_id_token = all(isinstance(claims.get(name), str) for name in ("aud", "sub", "sid"))
    return claims if is_ours and is_id_token else None


def is_given_to(client: Client, raw: str) -> bool:
    """Whether a hint is an id token that we gave to that client."""
    claims = read_hint(raw)
    return claims is not None and claims["aud"] == client.client_id


def names(customer: Customer, raw: str) -> bool:
    """Whether a hint is an id token that tells its client of that customer."""
    claims = read_hint(raw)
    if claims is None:
        return False
    known = Pseudonym.objects.filter(customer=customer, subject=claims["sub"])
    return known.filter(application__clients__client_id=claims["aud"]).exists()
