"""What the authorization server says about itself (RFC 8414): exactly what it enforces."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from consent.arrangements.models import Management
from consent.oauth import introspection, responses
from consent.oauth.authentication import methods_supported
from consent.oauth.limits import types_supported
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
    }
