"""Where a customer's browser may be sent back to: exact, absolute, safe addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

MAX_COUNT = 10
MAX_LENGTH = 500
LOOPBACK = frozenset({"127.0.0.1", "::1"})
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?(?=[/?]|$)")
_ALLOWED = re.compile(r"[A-Za-z0-9\-._~:/?@!$&'()+,;=%\[\]]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def validate_redirect_uri(uri: str) -> None:
    """Refuse an address that could be read in two ways, or by somebody on the way.

    The server compares byte for byte (RFC 9700 §2.1; see `is_same_loopback`), so what is kept must
    be the one spelling: no fragment, user name, wildcard, dot segment, or host that a browser would
    rewrite.
    """
    if len(uri) > MAX_LENGTH:
        raise _refusal(f"Use at most {MAX_LENGTH} characters.", "too_long")
    if "#" in uri:
        raise _refusal("Leave out everything from the # on.", "fragment")
    if "*" in uri:
        raise _refusal("Write each address in full; we compare them exactly.", "wildcard")
    if not _ALLOWED.fullmatch(uri):
        raise _refusal("This address holds a space or a character that needs encoding.", "encoding")
    parts = _split(uri)
    if "@" in parts.netloc:
        raise _refusal("Leave out the user name before the @.", "userinfo")
    if not _is_plain_host(parts):
        raise _refusal("Write the host name in lower case, without a dot at its end.", "host")
    if not _is_confidential(parts):
        raise _refusal("Use https. Only 127.0.0.1 and [::1] may use http.", "not_https")
    if {".", ".."} & set(unquote(parts.path).replace("\\", "/").split("/")):
        raise _refusal("Leave out the . and .. in the path.", "dot_segment")


def validate_redirect_uris(uris: Iterable[str]) -> None:
    known = list(uris)
    if len(known) > MAX_COUNT:
        raise _refusal(f"Use at most {MAX_COUNT} addresses.", "too_many")
    if len(set(known)) < len(known):
        raise _refusal("An address stands here twice.", "repeated")
    for uri in known:
        validate_redirect_uri(uri)


def may_go_live(uri: str) -> bool:
    """Whether customers may be sent there: over https, except while the portal is a demo."""
    return uri.startswith("https://") or is_demo()


def is_same_loopback(uri: str, registered: Iterable[str]) -> bool:
    """Whether it is a registered http address on 127.0.0.1 or [::1], apart from its port.

    A program on a developer's machine takes the port that is free (RFC 8252 §7.3). All else is
    compared byte for byte, and what could not be registered is never the same.
    """
    try:
        validate_redirect_uri(uri)
    except ValidationError:
        return False
    wanted = _loopback_without_port(uri)
    return wanted is not None and wanted in map(_loopback_without_port, registered)


def is_demo() -> bool:
    return bool(settings.DEMO or not settings.IS_SECURE)


def _loopback_without_port(uri: str) -> str | None:
    found = _LOOPBACK.match(uri)
    return found[1] + uri[found.end() :] if found else None


def _split(uri: str) -> SplitResult:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError as error:
        raise _refusal("This is not an address.", "malformed") from error
    if not uri.startswith(("https://", "http://")) or not parts.hostname:
        raise _refusal("Write the whole address, starting with https://", "not_absolute")
    return parts


def _is_plain_host(parts: SplitResult) -> bool:
    if parts.hostname == "::1":
        return parts.netloc.startswith("[::1]")
    host, _, port = parts.netloc.partition(":")
    return bool(_HOST.fullmatch(host)) and (not port or port.isdecimal())


def _is_confidential(parts: SplitResult) -> bool:
    if parts.scheme == "https" or parts.hostname in LOOPBACK:
        return True
    return parts.hostname == "localhost" and is_demo()


def _refusal(message: str, code: str) -> ValidationError:
    return ValidationError(message, code=code)
