"""Who is calling: the client's proof, read from the request and checked against the records."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from consent.oauth.errors import InvalidClient
from consent.oauth.parameters import Parameters
from partners.applications.credentials import credential_for
from partners.applications.models import Client
from portal.access.actors import Actor

METHODS = ("client_secret_basic", "client_secret_post")
CHALLENGE = 'Basic realm="Meridian", charset="UTF-8"'
_MAX_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Proof:
    method: str
    client_id: str
    secret: str

    @property
    def challenge(self) -> str:
        return CHALLENGE if self.method == "client_secret_basic" else ""


def read_proof(authorization: str, parameters: Parameters) -> Proof:
    """Return the one proof that the request holds; two at once are as bad as none."""
    if not authorization:
        if not parameters.get("client_id") or not parameters.get("client_secret"):
            raise InvalidClient("Send the client's id and secret.")
        return Proof(METHODS[1], parameters.get("client_id"), parameters.get("client_secret"))
    if parameters.get("client_secret"):
        raise InvalidClient("Use one way of client authentication.", challenge=CHALLENGE)
    proof = _basic(authorization)
    if parameters.get("client_id") not in {"", proof.client_id}:
        raise InvalidClient("client_id is another client's.", challenge=CHALLENGE)
    return proof


def authenticate(proof: Proof, *, at: datetime) -> Client:
    """Return the client if the secret is one of its live ones and it may work at all."""
    client = find_client(proof.client_id)
    # An unknown client costs the same statements as a wrong secret, so time tells nothing.
    known = credential_for(client or Client(pk=0), proof.secret, at=at) is not None
    if client is None or not known or not client.is_live:
        raise InvalidClient(challenge=proof.challenge)
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
    return Proof(METHODS[0], client_id, secret)
