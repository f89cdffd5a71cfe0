"""The token endpoint: the engine's grants, only those that we offer, around one validator."""

from __future__ import annotations

from collections.abc import Mapping

from oauthlib.common import Request
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    BearerToken,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.grant_types.base import GrantTypeBase
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


# Each is made for the one request that asks for it; whoever asks for another is told by the first.
_GRANTS: Mapping[str, type[GrantTypeBase]] = {
    "authorization_code": AuthorizationCodeGrant,
    "refresh_token": RefreshTokenGrant,
    "client_credentials": ClientCredentialsGrant,
    devices.GRANT_TYPE: DeviceCode,
}
_DEFAULT = next(iter(_GRANTS))
# The proof was checked already and stays out of the engine.
_LEFT_OUT = PROOFS | _LIMITS


def token_response(caller: Caller, parameters: Parameters) -> tuple[int, str]:
    """Return status and body, as JSON, for an authenticated client's token request."""
    validator = PortalValidator(caller, parameters)
    bearer = BearerToken(
        validator,
        expires_in=lambda _: validator.lifetime(),
        token_generator=_access_token,
        refresh_token_generator=_refresh_token,
    )
    form = {name: value for name, value in parameters.values.items() if name not in _LEFT_OUT}
    kind = form["grant_type"] if form.get("grant_type") in _GRANTS else _DEFAULT
    endpoint = TokenEndpoint(
        default_grant_type=kind,
        default_token_type=bearer,
        grant_types={kind: _GRANTS[kind](validator)},
    )
    _, body, status = endpoint.create_token_response("/oauth/token", "POST", form, {})
    return status, body


def _access_token(request: Request) -> str:
    return _next(tokens.ACCESS_PREFIX, request)


def _refresh_token(request: Request) -> str:
    return _next(tokens.REFRESH_PREFIX, request)


def _next(prefix: str, request: Request) -> str:
    is_refresh = request.grant_type == "refresh_token"
    return tokens.new_token(prefix, after=request.refresh_token if is_refresh else "")
