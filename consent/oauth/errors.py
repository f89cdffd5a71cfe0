"""The refusals of the authorization endpoint and its kin; `code` is the word on the wire."""

from __future__ import annotations

from consent.proofs.errors import OAuthError


class BodyTooLarge(OAuthError):
    status = 413


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


class NotApprovedYet(AccessDenied):
    """Not the customer's no: somebody decides with them, and has not answered yet."""

    def __init__(
        self,
        message: str = "Somebody else has to approve this first. Nothing was shared; ask later.",
    ) -> None:
        super().__init__(message)


class LoginRequired(OAuthError):
    code = "login_required"


class ConsentRequired(OAuthError):
    code = "consent_required"
