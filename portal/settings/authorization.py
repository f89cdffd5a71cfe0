"""The authorization server and its signing keys."""

from __future__ import annotations

from datetime import timedelta

from portal.settings.environment import IS_SECURE, ISSUER, env

# The header in which the one trusted proxy hands on a client's certificate, after checking it and
# dropping what came from outside under that name. Empty: nobody authenticates with certificates.
CLIENT_CERTIFICATE_HEADER = env("PORTAL_CLIENT_CERTIFICATE_HEADER", default="")

# People hear of a client that names so many things that are not its own within an hour.
FOREIGN_IDS_ALARM = env("PORTAL_FOREIGN_IDS_ALARM", default=10, cast=int)

OAUTH2_PROVIDER_APPLICATION_MODEL = "applications.Client"
OAUTH2_PROVIDER_GRANT_MODEL = "oauth.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauth.AccessToken"
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oauth.RefreshToken"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oauth.IDToken"
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "oauth.DeviceGrant"
OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "consent.oauth.validator.PortalValidator",
    "SCOPES_BACKEND_CLASS": "consent.oauth.scopes.CatalogScopes",
    "OIDC_ISS_ENDPOINT": ISSUER,
    "PKCE_REQUIRED": True,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 300,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 365 * 24 * 3600,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"] if IS_SECURE else ["https", "http"],
    "REQUEST_APPROVAL_PROMPT": "force",
    "DEFAULT_SCOPES": [],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
}

# Verifiers may keep the JWKS for so many seconds; a key is public for longer before it signs.
JWKS_MAX_AGE = 300
KEY_LEAD = timedelta(days=1)
KEY_PERIOD = timedelta(days=90)
# Longer than anything lives that a key signed in its last second.
KEY_KEPT = timedelta(days=1)
