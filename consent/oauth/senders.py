"""Whoever sends a request to an endpoint, on the way to being a caller that has proved itself."""

# ruff: noqa: TID251 - it reads the headers

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from consent.oauth.authentication import Proof, authenticate, read_proof
from consent.oauth.callers import Caller
from consent.oauth.introspection import find_token, known_by
from consent.oauth.parameters import Parameters
from consent.oauth.standing import Standing, begin, recall
from consent.proofs.holders import Holder
from consent.proofs.possession import certificate_in, holder_of, read_proofs
from consent.proofs.protocol.certificates import Certificate
from partners.applications.profiles import SECRETS

PLAIN, SIGNED = "application/json", "application/token-introspection+jwt"


class Sender:
    def __init__(
        self, request: HttpRequest, parameters: Parameters, *, takes_proof: bool = False
    ) -> None:
        self.request, self.parameters, self.takes_proof = request, parameters, takes_proof

    def remembered(self) -> Standing | None:
        """Return what is known of the client from before, if it proves itself by a secret."""
        if self.proof.method not in SECRETS:
            return None
        return recall(self.proof.client_id, at=timezone.now())

    def caller(self, standing: Standing | None = None) -> Caller:
        """Return who has proved to be a client: the one that is remembered, or one that is read."""
        known = standing.known if standing is not None else None
        known = authenticate(self.proof, at=timezone.now(), known=known)
        return Caller(known.client, self.holder, standing=standing or begin(known))

    def caller_of_token(self) -> Caller:
        """Return who asks about a token; the token is read first, and mostly its client asks."""
        at = timezone.now()
        token = find_token(self.parameters.get("token"), at=at)
        known = authenticate(self.proof, at=at, known=known_by(token) if token else None)
        wants_signature = self.request.get_preferred_type([PLAIN, SIGNED]) == SIGNED
        return Caller(known.client, self.holder, wants_signature=wants_signature, token=token)

    @cached_property
    def proof(self) -> Proof:
        authorization = self.request.META.get("HTTP_AUTHORIZATION", "")
        return read_proof(authorization, self.parameters, certificate=self._certificate)

    @cached_property
    def holder(self) -> Holder:
        """Return the keys that it holds. A DPoP proof is used up by this."""
        proofs = read_proofs(self.request.META.get("HTTP_DPOP")) if self.takes_proof else []
        holder = holder_of(proofs, method="POST", path=self.request.path)
        certificate = self._certificate
        return replace(holder, x5t_s256=certificate.thumbprint) if certificate else holder

    @cached_property
    def _certificate(self) -> Certificate | None:
        return certificate_in(self.request.headers) if settings.CLIENT_CERTIFICATE_HEADER else None
