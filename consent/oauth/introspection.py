"""What a client may learn about a token (RFC 7662): only about its own, and never a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from consent.arrangements.actions import pseudonym_of
from consent.oauth.ceiling import allowed_scopes
from consent.oauth.tokens import read_access_token
from partners.applications.models import Client

INACTIVE = {"active": False}


def describe_token(raw: str, *, to: Client, at: datetime) -> dict[str, Any]:
    token = read_access_token(raw)
    if token is None or token.application_id != to.pk or not token.is_live(at=at):
        return INACTIVE
    subject = str(to.client_id)
    if token.arrangement is not None:
        subject = str(pseudonym_of(token.arrangement.customer, to.application))
    return {
        "active": True,
        "iss": settings.ISSUER,
        "client_id": to.client_id,
        "sub": subject,
        "scope": " ".join(allowed_scopes(token)),
        "token_type": token.token_type,
        "iat": int(token.created.timestamp()),
        "exp": int(token.expires.timestamp()),
    }
