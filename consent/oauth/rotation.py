"""A refresh token goes out first, and is used up and followed by the next in one statement."""

from __future__ import annotations

from datetime import datetime

from consent.oauth import tokens
from consent.oauth.models import AccessToken, DeviceGrant, Grant, RefreshToken
from portal.secrets import digest
from portal.statements import execute

# Whoever finds the predecessor used up already inserts nothing: of many at once one goes through.
_ROTATE = """
WITH used_up AS (
    UPDATE oauth_refreshtoken SET revoked = %(at)s, updated = %(at)s
    WHERE id = %(held)s AND revoked IS NULL
    RETURNING *
)
INSERT INTO oauth_refreshtoken (
    token, token_checksum, created, updated,
    user_id, application_id, token_family, arrangement_id, version_number, epoch,
    scope, resource, details, sign_in_id, signed_in_at, expires_at
)
SELECT
    '', %(successor)s, %(at)s, %(at)s,
    user_id, application_id, token_family, arrangement_id, version_number, epoch,
    scope, resource, details, sign_in_id, signed_in_at, expires_at
FROM used_up
"""


def first_one(raw: str, source: Grant | DeviceGrant, issued: AccessToken) -> RefreshToken:
    """Return the row, not yet written, of what goes out with the first access token."""
    return RefreshToken(
        user=source.user,
        application=issued.application,
        token_checksum=digest(raw),
        token_family=issued.family,
        arrangement=source.arrangement,
        version_number=source.version_number,
        epoch=source.epoch,
        scope=source.scope,
        resource=list(source.resource),
        details=source.details,
        sign_in=source.sign_in,
        signed_in_at=source.signed_in_at,
        expires_at=source.backing.ends_at,
    )


def rotate(held: RefreshToken, raw: str, *, at: datetime) -> bool:
    """Put the successor in the token's place, or learn that another request was faster.

    `raw` is the token itself. The successor is for the same and ends when it does: nothing slides.
    """
    successor = digest(tokens.new_token(tokens.REFRESH_PREFIX, after=raw))
    return bool(execute(_ROTATE, {"at": at, "held": held.pk, "successor": successor}))
