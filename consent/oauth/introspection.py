"""What a client may learn about a token (RFC 7662): only about its own, and never a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from consent.oauth.access_tokens import audience_of, subject_of
from consent.oauth.ceiling import allowed_scopes
from consent.oauth.tokens import read_access_token
from partners.applications.models import Client

INACTIVE = {"active": False}


def describe_token(raw: str, *, to: Client, at: datetime) -> dict[str, Any]:
    token = read_access_token(raw)
    if token is None or token.application_id != to.pk or not token.is_live(at=at):
        return INACTIVE
    described = {
        "active": True,
        "iss": settings.ISSUER,
        "client_id": to.client_id,
        "sub": subject_of(token),
        "aud": audience_of(token),
        "scope": " ".join(allowed_scopes(token)),
        "token_type": token.token_type,
        "iat": int(token.created.timestamp()),
        "exp": int(token.expires.timestamp()),
    }
    if token.confirmation:
        described["cnf"] = token.confirmation
    return described
