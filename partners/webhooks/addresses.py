"""Which addresses an endpoint may have; where they lead is looked at anew for each request."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError


def valid_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError as error:
        raise ValidationError("Type a full address, such as https://app.example/hooks.") from error
    if not host or parts.scheme not in {"http", "https"} or any(c.isspace() for c in url):
        raise ValidationError("Type a full address, such as https://app.example/hooks.")
    if parts.scheme != "https" and host not in settings.OUTBOUND_ALLOWED_HOSTS:
        raise ValidationError("The address must begin with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValidationError("Leave out the user name, the password and what follows a #.")
