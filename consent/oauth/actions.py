"""What can be done with tokens."""

from __future__ import annotations

from contextlib import nullcontext
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from consent.arrangements.models import Arrangement
from consent.oauth import families, foreign, tokens
from consent.oauth.authentication import actor_of
from consent.oauth.callers import Caller
from consent.oauth.events import OAuthEvent
from consent.oauth.models import (
    AccessToken,
    RefreshToken,
)
from consent.oauth.parameters import Parameters
from consent.oauth.server import token_response
from consent.proofs.errors import InvalidRequest
from consent.proofs.protocol.dpop import InvalidProof
from partners.applications.models import Client
from portal.secrets import digest


def answer_token_request(caller: Caller, parameters: Parameters) -> tuple[int, str]:
    """Exchange a code, refresh, or issue a token for the client itself, in one transaction.

    Return the status and the JSON that says it.
    """
    if not parameters.get("grant_type"):
        raise InvalidRequest("grant_type is missing.")
    _require_possession(caller)
    alone = parameters.get("grant_type") == "client_credentials"
    with nullcontext() if alone else transaction.atomic():
        return token_response(caller, parameters)


def _require_possession(caller: Caller) -> None:
    """Refuse who must bind its tokens to a key and shows none (FAPI 2.0 §5.3.2.1, item 4)."""
    client = caller.client
    if client.requirements.sender_constrained and not caller.holder:
        raise InvalidProof("Send a DPoP proof: this client's tokens are bound to a key.")
    if client.dpop_bound_access_tokens and not caller.holder.jkt:
        raise InvalidProof("Send a DPoP proof: this client registered that it always does.")


@transaction.atomic
def revoke_token(client: Client, raw: str) -> None:
    """End a token of this client and all that came with it (RFC 7009); the consent stays."""
    model = RefreshToken if raw.startswith(tokens.REFRESH_PREFIX) else AccessToken
    issued = (
        model.objects.select_related("arrangement")
        .filter(application=client, token_checksum=digest(raw))
        .first()
    )
    if issued is None:
        others = model.objects.filter(token_checksum=digest(raw))
        foreign.note_if_another_has(client, foreign.Kind.TOKEN, raw, others)
        return
    issued.application = client
    family = issued.family if isinstance(issued, AccessToken) else issued.token_family
    if families.end_family(family) if family else _end_alone(issued):
        families.tell(OAuthEvent.TOKEN_REVOKED, issued, by=actor_of(client))


def sweep(arrangement_id: UUID) -> int:
    """Write down that what an ended arrangement leaves behind has ended; its epoch refuses it.

    Codes have a minute and nothing to be written down: one that comes back in it is recognised.
    """
    arrangement = Arrangement.objects.get(pk=arrangement_id)
    now = timezone.now()
    accesses, refreshes = (
        model.objects.of_arrangement(arrangement_id).filter(epoch__lt=arrangement.epoch)
        for model in (AccessToken, RefreshToken)
    )
    return accesses.filter(revoked_at=None).update(revoked_at=now) + refreshes.filter(
        revoked=None
    ).update(revoked=now)


def _end_alone(issued: AccessToken | RefreshToken) -> int:
    """Revoke a token that came from no code, such as one for the client itself."""
    return AccessToken.objects.filter(pk=issued.pk, revoked_at=None).update(
        revoked_at=timezone.now()
    )
