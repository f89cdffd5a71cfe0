"""The partner's live software: requests-oauth2client with a key, pushed requests and DPoP."""

from __future__ import annotations

from typing import Any

import requests
from jwskate import Jwk
from requests_oauth2client import (
    AuthorizationRequest,
    DPoPKey,
    DPoPToken,
    EndpointError,
    OAuth2Client,
    PrivateKeyJwt,
)

from tests.stack import Stack


def new_key() -> Jwk:
    return Jwk.generate(alg="ES256").with_kid_thumbprint()


def key_set(key: Jwk) -> str:
    """Return what a developer pastes into the page: the public part, as a JWK Set."""
    return str(key.public_jwk().as_jwks().to_json())


class LiveClient:
    """What a production client does, by a standard library; calls go through the gateway."""

    def __init__(
        self, stack: Stack, client_id: str, key: Jwk, *, callback: str, scope: str
    ) -> None:
        self.stack = stack
        self.scope = scope
        self.metadata = requests.get(
            f"{stack.portal}/.well-known/oauth-authorization-server", timeout=10
        ).json()
        self.library = OAuth2Client.from_discovery_document(
            self.metadata,
            auth=PrivateKeyJwt(client_id, key, aud=self.metadata["issuer"]),
            redirect_uri=callback,
            dpop_bound_access_tokens=True,
            testing=True,
        )
        self.asked: AuthorizationRequest | None = None
        self.tokens: dict[str, DPoPToken] = {}

    def own_token(self, scope: str) -> str:
        return str(self._keep(self.library.client_credentials(scope=scope))["access_token"])

    def address(self) -> str:
        """Push what is asked and return where the customer is sent."""
        self.asked = self.library.authorization_request(scope=self.scope, nonce=None)
        return str(self.library.pushed_authorization_request(self.asked).uri)

    @property
    def state(self) -> str:
        return str(self.asked.state) if self.asked else ""

    @property
    def verifier(self) -> str:
        return str(self.asked.code_verifier) if self.asked else ""

    def take(self, returned: str) -> dict[str, Any]:
        """Exchange the code that the browser brought back, after a look at `iss` and `state`."""
        assert self.asked is not None
        answer = self.asked.validate_callback(returned)
        return self._keep(self.library.authorization_code(answer))

    def refresh(self, token: dict[str, Any]) -> dict[str, Any]:
        kept = self.tokens[token["access_token"]]
        return self._keep(self.library.refresh_token(kept))

    def refusal_to_refresh(self, token: dict[str, Any]) -> str:
        """Return the error with which a refresh is refused."""
        try:
            self.refresh(token)
        except EndpointError as refused:
            return str(refused.error)
        raise AssertionError("It was refreshed.")

    def call(
        self, token: str, path: str, *, method: str = "GET", **given: Any
    ) -> requests.Response:
        """Call Meridian Prescriptions through nginx, with a proof where the token is bound."""
        url = f"{self.stack.gateway}/prescriptions/v1{path}"
        headers = given.pop("headers", {})
        if known := self.tokens.get(token):
            headers |= self.proof(known.dpop_key, method, url, token)
        else:
            headers |= {"Authorization": f"Bearer {token}"}
        return requests.request(method, url, headers=headers, timeout=10, **given)

    @staticmethod
    def proof(key: DPoPKey, method: str, url: str, token: str) -> dict[str, str]:
        """Return the headers of a bound call; the library's own hook follows no plain refusal."""
        request = requests.Request(method, url).prepare()
        signed = DPoPToken(access_token=token, _dpop_key=key)(request)
        return {name: signed.headers[name] for name in ("Authorization", "DPoP")}

    def _keep(self, token: Any) -> dict[str, Any]:
        assert isinstance(token, DPoPToken)
        self.tokens[token.access_token] = token
        return {
            "access_token": token.access_token,
            "refresh_token": token.refresh_token,
            "scope": token.scope,
        }
