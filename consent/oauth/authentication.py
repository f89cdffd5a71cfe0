"""Who is calling: the client's proof, read from the request and checked against the records."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote_plus

from django.conf import settings
from django.db.models import QuerySet

from consent.oauth.parameters import Parameters
from consent.proofs import keyring, replay
from consent.proofs.errors import InvalidClient, InvalidRequest
from consent.proofs.protocol import client_assertion
from consent.proofs.protocol.certificates import Certificate, has_subject, is_registered
from partners.applications.credentials import Known, known_client
from partners.applications.models import Client
from partners.applications.profiles import SECRETS, Method
from portal.access.actors import Actor
from portal.prepared import Prepared

CHALLENGE = 'Basic realm="Meridian", charset="UTF-8"'
CERTIFICATES = frozenset({Method.TLS, Method.SELF_SIGNED_TLS})
_MAX_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Proof:
    """What the request shows; only the member that `method` reads is set."""

    method: Method
    client_id: str
    secret: str = field(default="", repr=False)
    assertion: str = field(default="", repr=False)
    certificate: Certificate | None = None

    @property
    def challenge(self) -> str:
        return CHALLENGE if self.method == Method.SECRET_BASIC else ""


def methods_supported() -> list[str]:
    """Return the ways that work here: certificates only behind a proxy that hands them on."""
    with_certificates = bool(settings.CLIENT_CERTIFICATE_HEADER)
    return [method.value for method in Method if with_certificates or method not in CERTIFICATES]


def read_proof(
    authorization: str, parameters: Parameters, *, certificate: Certificate | None = None
) -> Proof:
    """Return the one proof that the request holds; two are as bad as none (RFC 6749 §2.3)."""
    challenge = CHALLENGE if authorization else ""
    secret, assertion = parameters.get("client_secret"), parameters.get("client_assertion")
    if sum(map(bool, (authorization, secret, assertion))) > 1:
        raise InvalidClient("Use one way of client authentication.", challenge=challenge)
    client_id = parameters.get("client_id")
    if authorization:
        proof = _basic(authorization)
    elif assertion:
        proof = _assertion(assertion, parameters)
    elif secret and client_id:
        proof = Proof(Method.SECRET_POST, client_id, secret=secret)
    elif certificate and client_id:
        proof = Proof(Method.TLS, client_id, certificate=certificate)
    else:
        raise InvalidClient("Send a client assertion, or the client's id and secret.")
    if client_id not in {"", proof.client_id}:
        raise InvalidClient("client_id is another client's.", challenge=challenge)
    return proof


def authenticate(proof: Proof, *, at: datetime, known: Known | None = None) -> Known:
    """Return the client if its proof holds, in a way that its profile allows, and it may work.

    It is read, unless it is the `known` one, which spares the statement and nothing else.
    Raises `InvalidClient`, or `StoreAway` where a replay could not be ruled out.
    """
    if known is None or known.client.client_id != proof.client_id:
        known = _read(proof, at=at)
    if known is None or not _may_work(known, proof, at=at):
        raise InvalidClient(challenge=proof.challenge)
    client = known.client
    if proof.method == Method.PRIVATE_KEY_JWT:
        _check_assertion(client, proof.assertion, at=at)
    method = _method_of(client, proof)
    if method not in client.requirements.methods:
        raise InvalidClient(f"This client must not use {method}.", challenge=proof.challenge)
    if client.token_endpoint_auth_method not in {"", method}:
        raise InvalidClient(
            f"This client said that it uses {client.token_endpoint_auth_method}.",
            challenge=proof.challenge,
        )
    return known


def _read(proof: Proof, *, at: datetime) -> Known | None:
    """Read the client in one statement for all, so that time tells nothing about who exists."""
    if proof.method in SECRETS:
        return known_client(proof.client_id, at=at)
    client = find_client(proof.client_id)
    return Known(client) if client else None


def _may_work(known: Known, proof: Proof, *, at: datetime) -> bool:
    is_proven = proof.method not in SECRETS or known.is_proven(proof.secret, at=at)
    return is_proven and known.client.is_live


def find_client(client_id: str) -> Client | None:
    return _clients.first(client_id=client_id)


def _named(client_id: str) -> QuerySet[Client]:
    clients: QuerySet[Client] = Client.objects.select_related("application__organization")
    return clients.filter(client_id=client_id)


_clients = Prepared(_named, client_id=str)


def actor_of(client: Client) -> Actor:
    """Return the actor that the event log keeps for what a client does by itself."""
    return Actor(id=f"client:{client.client_id}", name=str(client.application))


def _assertion(assertion: str, parameters: Parameters) -> Proof:
    if parameters.get("client_assertion_type") != client_assertion.ASSERTION_TYPE:
        raise InvalidRequest(f"client_assertion_type must be {client_assertion.ASSERTION_TYPE}.")
    client_id = client_assertion.client_id_of(assertion)
    return Proof(Method.PRIVATE_KEY_JWT, client_id, assertion=assertion)


def _check_assertion(client: Client, assertion: str, *, at: datetime) -> None:
    """Verify the signature with the client's keys, once for each assertion (RFC 7523 §3)."""
    proved = client_assertion.verify(
        assertion,
        keys=keyring.keys_of(client, client_assertion.header_of(assertion), at=at),
        client_id=str(client.client_id),
        issuer=settings.ISSUER,
        at=at,
    )
    try:
        replay.claim(replay.Kind.ASSERTION, proved.once, lifetime=proved.expires_at - at)
    except replay.Replayed as error:
        raise InvalidClient("This client assertion was used before.") from error


def _method_of(client: Client, proof: Proof) -> Method:
    """Return the method; a certificate fits by its subject, or is registered (RFC 8705 §2)."""
    if proof.certificate is None:
        return proof.method
    if client.token_endpoint_auth_method == Method.SELF_SIGNED_TLS:
        is_known = is_registered(proof.certificate, client.client_jwks or {"keys": []})
        method = Method.SELF_SIGNED_TLS
    else:
        is_known = has_subject(proof.certificate, client.tls_client_auth_subject_dn)
        method = Method.TLS
    if not is_known:
        raise InvalidClient("This certificate is not the client's.")
    return method


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
