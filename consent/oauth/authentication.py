"""Who is calling: the client's proof, read from the request and checked against the records."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote_plus

from consent.oauth.errors import InvalidClient
from consent.oauth.parameters import Parameters
from partners.applications.credentials import client_with_secret
from partners.applications.models import Client
from partners.applications.profiles import SECRETS, Method
from portal.access.actors import Actor

CHALLENGE = 'Basic realm="Meridian", charset="UTF-8"'
_MAX_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Proof:
    """What the request shows; only the member that `method` reads is set."""

    method: Method
    client_id: str
    secret: str = field(default="", repr=False)

    @property
    def challenge(self) -> str:
        return CHALLENGE if self.method == Method.SECRET_BASIC else ""


def methods_supported() -> list[str]:
    """Return the ways of client authentication that work here."""
    return [method.value for method in Method if method in SECRETS]


def read_proof(authorization: str, parameters: Parameters) -> Proof:
    """Return the one proof that the request holds; two are as bad as none (RFC 6749 §2.3)."""
    challenge = CHALLENGE if authorization else ""
    if authorization and parameters.get("client_secret"):
        raise InvalidClient("Use one way of client authentication.", challenge=challenge)
    proof = _read(authorization, parameters)
    if parameters.get("client_id") not in {"", proof.client_id}:
        raise InvalidClient("client_id is another client's.", challenge=challenge)
    return proof


def authenticate(proof: Proof, *, at: datetime) -> Client:
    """Return the client if its proof holds, in a way that its profile allows, and it may work.

    Raises `InvalidClient`.
    """
    client = client_with_secret(proof.client_id, proof.secret, at=at)
    if client is None or not client.is_live:
        raise InvalidClient(challenge=proof.challenge)
    if proof.method not in client.requirements.methods or client.token_endpoint_auth_method not in {
        "",
        proof.method,
    }:
        raise InvalidClient(
            f"This client does not authenticate with {proof.method}.", challenge=proof.challenge
        )
    return client


def find_client(client_id: str) -> Client | None:
    found: Client | None = (
        Client.objects.select_related("application__organization")
        .filter(client_id=client_id)
        .first()
    )
    return found


def actor_of(client: Client) -> Actor:
    """Return the actor that the event log keeps for what a client does by itself."""
    return Actor(id=f"client:{client.client_id}", name=str(client.application))


def _read(authorization: str, parameters: Parameters) -> Proof:
    if authorization:
        return _basic(authorization)
    client_id, secret = parameters.get("client_id"), parameters.get("client_secret")
    if not client_id or not secret:
        raise InvalidClient("Send the client's id and secret.")
    return Proof(Method.SECRET_POST, client_id, secret=secret)


def _basic(authorization: str) -> Proof:
    """Read RFC 6749 §2.3.1: id and secret are form-encoded before they are joined."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient("Use HTTP Basic or the request body.", challenge=CHALLENGE)
    try:
        joined = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidClient("The Basic header cannot be read.", challenge=CHALLENGE) from error
    client_id, _, secret = map(unquote_plus, joined.partition(":"))
    if not client_id.isprintable() or not secret or len(joined) > _MAX_LENGTH:
        raise InvalidClient("The Basic header cannot be read.", challenge=CHALLENGE)
    return Proof(Method.SECRET_BASIC, client_id, secret=secret)
