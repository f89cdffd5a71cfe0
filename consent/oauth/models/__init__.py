"""The tokens and codes of the authorization server, swapped in for the engine's own models.

Each is tied to the arrangement, its version and its epoch at issue. At rest there are only keyed
digests: the engine's `token` columns stay empty. Nothing here is ever the ceiling of what a token
may do: the arrangement is.
"""

from consent.oauth.models.bound import BoundQuerySet, SenderConstrained
from consent.oauth.models.requests import AuthorizationIntent, PushedRequest
from consent.oauth.models.sign_ins import LogoutNotice, SignIn
from consent.oauth.models.tokens import AccessToken, DeviceGrant, Grant, IDToken, RefreshToken

__all__ = [
    "AccessToken",
    "AuthorizationIntent",
    "BoundQuerySet",
    "DeviceGrant",
    "Grant",
    "IDToken",
    "LogoutNotice",
    "PushedRequest",
    "RefreshToken",
    "SenderConstrained",
    "SignIn",
]
