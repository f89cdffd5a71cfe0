"""A yes that counts only once somebody else has said it, too: the flow ends, and begins again."""

from __future__ import annotations

from collections.abc import Sequence

from consent.guardians.asking import ask_guardian
from consent.oauth import devices
from consent.oauth.authorization import AuthorizationRequest
from consent.oauth.errors import NotApprovedYet
from consent.oauth.models import AuthorizationIntent
from consent.oauth.responses import location_of
from partners.subscriptions.access import Use
from portal.access.actors import Actor

# Beside `access_denied`: the application may ask again once somebody has answered.
STATUS = "pending_approval"


def ask_who_decides(
    intent: AuthorizationIntent, asked: AuthorizationRequest, uses: Sequence[Use], *, by: Actor
) -> str:
    """Have the guardian of a child asked; return where the browser goes, without a code."""
    approval = ask_guardian(
        intent.customer,
        intent.client,
        by=by,
        uses=uses,
        details=[detail.as_json() for detail in asked.wishes.details],
        signs_in=asked.signs_in,
    )
    if intent.device is not None:
        return devices.deny(intent.device)
    answer = NotApprovedYet()
    return location_of(
        asked.return_address,
        error=answer.code,
        error_description=str(answer),
        consent_status=STATUS,
        approval=str(approval.pk),
    )
