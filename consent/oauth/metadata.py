"""What the authorization server says about itself (RFC 8414, OpenID Connect Discovery).

Exactly what it enforces, and the same to whoever asks at either address.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from consent.arrangements.models import Management
from consent.oauth import introspection, responses
from consent.oauth.authentication import methods_supported
from consent.oauth.limits import types_supported
from consent.oauth.openid import CLAIMS, PROTOCOL_SCOPES
from consent.oauth.validator import GRANT_TYPES
from partners.applications.profiles import ALGORITHMS


def metadata() -> dict[str, Any]:
    issuer = settings.ISSUER
    methods = methods_supported()
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth/par",
        "token_endpoint": f"{issuer}/oauth/token",
        "device_authorization_endpoint": f"{issuer}/oauth/device_authorization",
        "registration_endpoint": f"{issuer}/oauth/register",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "response_types_supported": ["code"],
        # No form_post: it would need a page that posts the code on by script.
        "response_modes_supported": ["query", "query.jwt", "jwt"],
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_signing_alg_values_supported": [introspection.ALGORITHM],
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "tls_client_certificate_bound_access_tokens": bool(settings.CLIENT_CERTIFICATE_HEADER),
        "jwks_uri": f"{issuer}/oauth/jwks",
        "authorization_response_iss_parameter_supported": True,
        "authorization_signing_alg_values_supported": list(responses.ALGORITHMS),
        # Of the client, where its security profile says so: see the application's page.
        "require_pushed_authorization_requests": False,
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": list(ALGORITHMS),
        "request_uri_parameter_supported": False,
        "authorization_details_types_supported": types_supported(),
        "grant_management_endpoint": f"{issuer}/oauth/grants",
        "grant_management_actions_supported": ["query", "revoke", *Management.values],
        "grant_management_action_required": False,
        "service_documentation": f"{issuer}/apis/",
        **_openid(issuer),
    }


def _openid(issuer: str) -> dict[str, Any]:
    """Return what OpenID Connect Discovery §3 and the two logout specifications add."""
    return {
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "end_session_endpoint": f"{issuer}/oauth/logout",
        "scopes_supported": sorted(PROTOCOL_SCOPES),
        "subject_types_supported": ["pairwise"],
        # Never RS256, whatever Discovery says: FAPI 2.0 Security Profile §5.4.1.
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "claims_supported": list(CLAIMS),
        "claims_parameter_supported": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }


def protected_resource(resource: str) -> dict[str, Any]:
    """Return what a resource server of ours says about itself (RFC 9728 §2)."""
    return {
        "resource": resource,
        "authorization_servers": [settings.ISSUER],
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "tls_client_certificate_bound_access_tokens": bool(settings.CLIENT_CERTIFICATE_HEADER),
        "resource_name": "Meridian",
        "resource_documentation": f"{settings.ISSUER}/apis/",
    }
