"""Whether the sender of a call holds the key that its token is bound to."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from consent.gateway.calls import Call
from consent.gateway.decision import Possession
from consent.oauth import replay
from consent.oauth.models import AccessToken
from consent.oauth.protocol import dpop
from consent.oauth.store import StoreAway


def possession_of(call: Call, token: AccessToken, *, at: datetime) -> Possession:
    """Check the proof against call, token and key; a good one is used up by this.

    A token of the DPoP kind never passes as a bearer token, nor the other way round
    (RFC 9449 §7.1, §7.2).
    """
    if token.x5t_s256 and call.certificate != token.x5t_s256:
        return Possession.MISSING
    if (call.scheme == "dpop") != bool(token.jkt):
        return Possession.MISSING if token.jkt else Possession.INVALID
    if not token.jkt:
        return Possession.HELD if token.x5t_s256 else Possession.NOT_NEEDED
    return _proved(call, token.jkt, at=at)


def _proved(call: Call, jkt: str, *, at: datetime) -> Possession:
    if not call.proofs:
        return Possession.MISSING
    try:
        proof = dpop.verify(
            call.proofs,
            method=call.method,
            url=f"{settings.GATEWAY_URL}{call.raw_path}",
            at=at,
            access_token=call.token,
            jkt=jkt,
        )
        replay.claim(replay.Kind.PROOF, proof.once, lifetime=dpop.MEMORY)
    except (dpop.InvalidProof, replay.Replayed):
        return Possession.INVALID
    except StoreAway:
        return Possession.UNCHECKED
    return Possession.HELD
