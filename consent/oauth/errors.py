"""The refusals of RFC 6749 and its family; `code` is the word that goes on the wire."""

from __future__ import annotations

from portal.errors import Refused


class OAuthError(Refused):
    status = 400
    code = "invalid_request"


class InvalidRequest(OAuthError):
    pass


class BodyTooLarge(OAuthError):
    status = 413


class InvalidClient(OAuthError):
    """`challenge` names the scheme of the Authorization header that failed, if one was sent."""

    status = 401
    code = "invalid_client"

    def __init__(self, message: str = "Client authentication failed.", *, challenge: str = ""):
        super().__init__(message)
        self.challenge = challenge


class UnknownClient(OAuthError):
    """Who asks is not known or may not ask now; said on our page, never by a redirect."""

    code = "unauthorized_client"


class InvalidRedirectUri(OAuthError):
    """The answer has nowhere safe to go; said on our page, never by a redirect."""

    code = "invalid_redirect_uri"


class UnauthorizedClient(OAuthError):
    """The client is known, and its profile keeps it from this."""

    code = "unauthorized_client"


class InvalidScope(OAuthError):
    code = "invalid_scope"


class UnsupportedResponseType(OAuthError):
    code = "unsupported_response_type"


class RequestUriNotSupported(OAuthError):
    code = "request_uri_not_supported"


class InvalidRequestUri(OAuthError):
    """A pushed request that is unknown, another client's, used or too old (RFC 9101 §7)."""

    code = "invalid_request_uri"


class AccessDenied(OAuthError):
    code = "access_denied"


class LoginRequired(OAuthError):
    code = "login_required"


class ConsentRequired(OAuthError):
    code = "consent_required"
