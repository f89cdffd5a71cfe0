"""The token endpoint: the engine's grants, only those that we offer, around one validator."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from oauthlib.common import Request
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    BearerToken,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant

from consent.oauth import devices, tokens
from consent.oauth.callers import Caller
from consent.oauth.parameters import PROOFS, Parameters
from consent.oauth.validator import PortalValidator

# Read by our validator, from the parameters themselves.
_LIMITS = frozenset({"resource", "authorization_details"})


class DeviceCode(DeviceCodeGrant):
    """The engine's grant, whose scopes are the customer's answer rather than the client's wish."""

    def validate_scopes(self, request: Request) -> None:
        pass


def token_response(caller: Caller, parameters: Parameters) -> tuple[int, dict[str, Any]]:
    """Return status and body for an authenticated client's token request."""
    validator = PortalValidator(caller, parameters)
    bearer = BearerToken(
        validator,
        expires_in=lambda _: validator.lifetime(),
        token_generator=_generator(tokens.ACCESS_PREFIX),
        refresh_token_generator=_generator(tokens.REFRESH_PREFIX),
    )
    endpoint = TokenEndpoint(
        default_grant_type="authorization_code",
        default_token_type=bearer,
        grant_types={
            "authorization_code": AuthorizationCodeGrant(validator),
            "refresh_token": RefreshTokenGrant(validator),
            "client_credentials": ClientCredentialsGrant(validator),
            devices.GRANT_TYPE: DeviceCode(validator),
        },
    )
    # The proof was checked already and stays out of the engine.
    form = {
        name: value for name, value in parameters.values.items() if name not in PROOFS | _LIMITS
    }
    _, body, status = endpoint.create_token_response("/oauth/token", "POST", urlencode(form), {})
    return status, json.loads(body)


def _generator(prefix: str) -> Any:
    def generate(request: Request) -> str:
        is_refresh = request.grant_type == "refresh_token"
        return tokens.new_token(prefix, after=request.refresh_token if is_refresh else "")

    return generate
