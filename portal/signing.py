"""How what we send proves that it is ours: the headers of Standard Webhooks."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime

from standardwebhooks import Webhook


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def headers_of(
    message_id: str, body: str, *, signed_by: Iterable[str], at: datetime
) -> dict[str, str]:
    """Sign `{id}.{seconds}.{body}` with each secret; the id is the same in every attempt."""
    signatures = [Webhook(secret).sign(message_id, at, body) for secret in signed_by]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
