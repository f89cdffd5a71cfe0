"""Requests that a client sends us itself and a browser only names (RFC 9126)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from consent.oauth import asking
from consent.oauth.callers import Caller
from consent.oauth.errors import InvalidRedirectUri, InvalidRequestUri
from consent.oauth.models import PushedRequest
from consent.oauth.parameters import PROOFS, Parameters
from consent.proofs.errors import InvalidRequest
from consent.proofs.holders import Holder
from partners.applications.models import Client
from partners.subscriptions.access import uses_of
from portal.secrets import digest, new_secret

PREFIX = "urn:ietf:params:oauth:request_uri:"
# Long enough to send a browser here; whoever has opened it in time may take longer to sign in.
LIFETIME = timedelta(seconds=90)


def push(caller: Caller, parameters: Parameters) -> str:
    """Check a request as if a customer were asked it now, keep it, and return its URI."""
    client = caller.client
    if parameters.get("request_uri"):
        raise InvalidRequest("request_uri may not be pushed.")
    if client.requirements.signed_requests and not parameters.get("request"):
        raise InvalidRequest("Send a signed request: this client always must.")
    now = timezone.now()
    asked = asking.unwrapped(client, _without_proofs(client, parameters), at=now)
    asked = _bound(asked, caller.holder)
    try:
        asking.address_of(client, asked)
    except InvalidRedirectUri as error:
        raise InvalidRequest(str(error)) from error
    asking.read_for(client, asked, uses=uses_of(client, at=now), was_pushed=True)
    reference = new_secret()
    PushedRequest.objects.create(
        client=client,
        digest=digest(reference),
        parameters=dict(asked.values),
        expires_at=now + LIFETIME,
    )
    return PREFIX + reference


def find(client: Client, request_uri: str, *, opened_at: datetime) -> PushedRequest:
    """Return what the client pushed, if the browser first opened it in time.

    It is used up by the decision and not by looking at it: people reload pages, and sign in first.
    Raises `InvalidRequestUri`.
    """
    reference = request_uri.removeprefix(PREFIX)
    pushed = PushedRequest.objects.filter(client=client, digest=digest(reference)).first()
    if pushed is None:
        raise InvalidRequestUri("This request_uri is none that this client was given.")
    if opened_at >= pushed.expires_at:
        raise InvalidRequestUri("This request_uri has expired. Push the request again.")
    return pushed


def is_ours(request_uri: str) -> bool:
    return request_uri.startswith(PREFIX)


def _without_proofs(client: Client, parameters: Parameters) -> Parameters:
    kept = {name: value for name, value in parameters.values.items() if name not in PROOFS}
    return Parameters({**kept, "client_id": str(client.client_id)})


def _bound(asked: Parameters, holder: Holder) -> Parameters:
    """Bind the code to the key of the DPoP proof, as `dpop_jkt` does (RFC 9449 §10.1)."""
    named = asked.get("dpop_jkt")
    if named and holder.jkt and named != holder.jkt:
        raise InvalidRequest("dpop_jkt is another key than the one that signed the DPoP proof.")
    return Parameters({**asked.values, "dpop_jkt": holder.jkt}) if holder.jkt else asked
