"""The refusals of RFC 7591 §3.2.2 and RFC 6750 §3.1; `code` is the word that goes on the wire."""

from __future__ import annotations

from portal.errors import Refused


class RegistrationRefused(Refused):
    status = 400
    code = "invalid_client_metadata"


class InvalidClientMetadata(RegistrationRefused):
    pass


class InvalidRedirectUri(RegistrationRefused):
    code = "invalid_redirect_uri"


class UnapprovedSoftwareStatement(RegistrationRefused):
    code = "unapproved_software_statement"


class BodyTooLarge(RegistrationRefused):
    status = 413
    code = "invalid_request"


class InvalidToken(RegistrationRefused):
    """No, a wrong, an old or a used-up token; or its organization may not register now."""

    status = 401
    code = "invalid_token"


class NotByProgram(RegistrationRefused):
    """What only a person may do, in the portal."""

    status = 403
    code = "access_denied"
