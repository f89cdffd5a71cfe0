"""What browsers are told to refuse."""

from __future__ import annotations

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from portal.settings.environment import IS_SECURE, ISSUER

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str] | str] = {
    "camera": [],
    "geolocation": [],
    "microphone": [],
    "publickey-credentials-get": "self",
    "publickey-credentials-create": "self",
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 63072000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_SECURE
SECURE_HSTS_PRELOAD = IS_SECURE
# TLS ends at the proxy; a plain request is refused there, since a POST must not be redirected.
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE else None
SILENCED_SYSTEM_CHECKS = [
    "security.W008",
    "auth.W004",  # the e-mail address is unique without regard to case, by a constraint
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_SECURE
# Two checkouts side by side on one host must not end each other's sessions.
_port = urlsplit(ISSUER).port
SESSION_COOKIE_NAME = "portal_session" if _port is None else f"portal_session_{_port}"
CSRF_COOKIE_NAME = "portal_csrf" if _port is None else f"portal_csrf_{_port}"
CSRF_FAILURE_VIEW = "portal.home.refusals.csrf_failure"
