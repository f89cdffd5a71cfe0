"""One reader for every authorization request, however it comes: in the address or pushed before.

So whatever is wrong with a pushed request its developer hears at once, and no customer ever does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from consent.oauth import id_tokens
from consent.oauth.authentication import find_client
from consent.oauth.authorization import (
    AuthorizationRequest,
    ReturnAddress,
    read_request,
    return_address,
)
from consent.oauth.errors import InvalidScope, UnknownClient
from consent.oauth.limits import read_wishes
from consent.oauth.parameters import Parameters
from consent.proofs.errors import InvalidClient, InvalidRequest
from consent.proofs.keyring import keys_of
from consent.proofs.protocol import request_object
from consent.proofs.protocol.request_object import InvalidRequestObject
from partners.applications.models import Client
from partners.subscriptions.access import Use


def client_of(parameters: Parameters) -> Client:
    """Return who asks; raise, for our own page, if it may not."""
    client = find_client(parameters.once("client_id"))
    if client is None:
        raise UnknownClient("There is no client with this client_id.")
    if not client.is_live:
        raise UnknownClient("This application may not ask for data now.")
    return client


def unwrapped(client: Client, outer: Parameters, *, at: datetime) -> Parameters:
    """Return what the client asks: of a signed request its own parameters and none beside it.

    RFC 9101 §6.3; only `client_id` must stand outside as well (§5). Raises `InvalidRequestObject`,
    for our own page: before the signature is checked nobody knows where an answer may go.
    """
    raw = outer.once("request")
    if not raw:
        return outer
    if outer.get("request_uri"):
        raise InvalidRequest("Send request or request_uri, not both.")
    try:
        keys = keys_of(client, request_object.header_of(raw), at=at)
    except InvalidClient as error:
        raise InvalidRequestObject(str(error)) from error
    return Parameters(
        request_object.verify(
            raw, keys=keys, client_id=str(client.client_id), issuer=settings.ISSUER, at=at
        )
    )


def address_of(client: Client, parameters: Parameters) -> ReturnAddress:
    """Return where even an error may go; raise, for our own page, while that is not known."""
    return return_address(
        parameters,
        is_registered=client.redirect_uri_allowed,
        must_be_signed=client.requirements.signed_responses,
    )


def read_for(
    client: Client, parameters: Parameters, *, uses: Sequence[Use], was_pushed: bool
) -> AuthorizationRequest:
    """Return the request if this client may ask it, and in this way; raise what it must hear."""
    if client.requirements.pushed_requests and not was_pushed:
        raise InvalidRequest("Push the request to /oauth/par first: this client always must.")
    parameters.require_single()
    asked = read_request(
        parameters,
        offered=[use.scope for use in uses],
        wishes=read_wishes(parameters, client=client, uses=uses, at=timezone.now()),
        must_be_signed=client.requirements.signed_responses,
    )
    if not asked.signs_in and not any(
        use.cluster_code for use in uses if use.scope in asked.scopes
    ):
        raise InvalidScope("None of these scopes opens customer data: use client_credentials.")
    if asked.id_token_hint and not id_tokens.is_given_to(client, asked.id_token_hint):
        raise InvalidRequest("id_token_hint is no id token that this client was given.")
    return asked
