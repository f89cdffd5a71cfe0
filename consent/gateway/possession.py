"""Whether the sender of a call holds the key that its token is bound to."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from consent.gateway.calls import Call
from consent.gateway.decision import Possession
from consent.oauth.models import AccessToken
from consent.proofs.possession import ProofMissing, Shown, require_possession
from consent.proofs.protocol.dpop import InvalidProof
from consent.proofs.store import StoreAway


def possession_of(call: Call, token: AccessToken, *, at: datetime) -> Possession:
    """Check what came with the call against its token; a good proof is used up by this."""
    shown = Shown(
        scheme=call.scheme,
        token=call.token,
        method=call.method,
        url=f"{settings.GATEWAY_URL}{call.raw_path}",
        proofs=call.proofs,
        certificate=call.certificate,
    )
    try:
        require_possession(token, shown, at=at)
    except ProofMissing:
        return Possession.MISSING
    except InvalidProof:
        return Possession.INVALID
    except StoreAway:
        return Possession.UNCHECKED
    return Possession.HELD if token.confirmation else Possession.NOT_NEEDED
