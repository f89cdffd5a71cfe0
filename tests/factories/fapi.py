"""A client of the `fapi2` profile: its keys, its assertions and its proofs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from consent.keys import jws
from consent.proofs.possession import fresh_nonce
from consent.proofs.protocol import dpop
from partners.applications.profiles import Method, Profile
from tests.factories.oauth import FORM, World, answer_of, make_world

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class FapiWorld(World):
    """The world of `make_world`, whose client signs its assertions and binds its tokens."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    dpop_key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def jkt(self) -> str:
        return str(self.dpop_key.thumbprint())

    def assertion(self, **changes: Any) -> str:
        now = int(timezone.now().timestamp())
        claims = {
            "iss": self.client.client_id,
            "sub": self.client.client_id,
            "aud": settings.ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        } | changes
        return str(jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key))

    def proof(
        self, method: str, url: str, *, token: str = "", key: ECKey | None = None, **changes: Any
    ) -> str:
        key = key or self.dpop_key
        claims: dict[str, Any] = {
            "htm": method,
            "htu": url,
            "iat": int(timezone.now().timestamp()),
            "jti": secrets.token_urlsafe(16),
        }
        if token:
            claims["ath"] = dpop.ath(token)
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)}
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return str(jwt.encode(header, claims, key))

    def ask(self, **changes: str) -> Any:
        return self.open(self.pushed(**changes))

    def push(self, *, dpop_proof: str | None = None, **changes: Any) -> Any:
        """Push as the profile wants it: signed, and for a signed answer, where it says so."""
        asked = self.request(**changes)
        if self.client.requirements.signed_requests:
            signed = self.request_object(**{"response_mode": "jwt"} | asked)
            asked = {"client_id": self.client.client_id, "request": signed}
        return self.post("/oauth/par", dpop_proof=dpop_proof, **asked)

    def request_object(self, *, key: ECKey | None = None, **claims: Any) -> str:
        """Return a signed request (RFC 9101); a claim that is None is left out."""
        now = int(timezone.now().timestamp())
        whole = {
            "iss": self.client.client_id,
            "aud": settings.ISSUER,
            "nbf": now,
            "exp": now + 300,
        } | claims
        whole = {name: value for name, value in whole.items() if value is not None}
        header = {"alg": "ES256", "kid": self.key.kid, "typ": "oauth-authz-req+jwt"}
        return str(jwt.encode(header, whole, key or self.key))

    def told(self, answer: Any) -> dict[str, str]:
        told = answer_of(answer)
        if "response" not in told:
            return told
        keys = KeySet.import_key_set(jws.jwks())
        return dict(jwt.decode(told["response"], keys, algorithms=["ES256"]).claims)

    def post(
        self,
        path: str = "/oauth/token",
        *,
        basic: bool = False,
        dpop_proof: str | None = "",
        assertion: str | None = "",
        **form: str,
    ) -> Any:
        """Send a form; an empty proof or assertion stands for a good one, None for none."""
        headers = {"Authorization": self.basic} if basic else {}
        if dpop_proof is not None:
            headers["DPoP"] = dpop_proof or self.proof(
                "POST", f"{settings.ISSUER}{path}", nonce=fresh_nonce()
            )
        if assertion is not None:
            form = {
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion or self.assertion(),
            } | form
        return Browser().post(path, urlencode(form), content_type=FORM, headers=headers)


def make_fapi_world(profile: Profile = Profile.FAPI2) -> FapiWorld:
    known = make_world()
    world = FapiWorld(known.client, known.secret, known.customer, known.browser)
    return with_keys(world, profile)


def with_keys(world: FapiWorld, profile: Profile = Profile.FAPI2) -> FapiWorld:
    """Let the world's client take up a profile and its keys."""
    world.key.ensure_kid()
    client = world.client
    client.profile = profile
    client.token_endpoint_auth_method = Method.PRIVATE_KEY_JWT
    client.client_jwks = {"keys": [world.key.as_dict(private=False)]}
    client.save()
    return world
