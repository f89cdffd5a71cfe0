"""The refusals of RFC 6749 that every endpoint knows; `code` is the word that goes on the wire."""

from __future__ import annotations

from portal.errors import Refused


class OAuthError(Refused):
    status = 400
    code = "invalid_request"


class InvalidRequest(OAuthError):
    pass


class InvalidClient(OAuthError):
    """`challenge` names the scheme of the Authorization header that failed, if one was sent."""

    status = 401
    code = "invalid_client"

    def __init__(self, message: str = "Client authentication failed.", *, challenge: str = ""):
        super().__init__(message)
        self.challenge = challenge
