"""The fingerprint that a vote is bound to: everything that is decided on, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypedDict

from catalog.plans.models import Plan
from partners.applications.models import Client, DataUse
from partners.subscriptions.models import AccessRequest


class UseSnapshot(TypedDict):
    scope: str
    purpose_id: int | None
    why: str
    is_required: bool
    retention_days: int
    max_days: int
    look_back_days: int | None


def uses_for(client: Client, plan: Plan) -> list[UseSnapshot]:
    """Return what the application wants of the plan's API, in the order of the scopes' names."""
    uses = DataUse.objects.filter(
        application_id=client.application_id, scope__api_slug=plan.api.slug
    )
    return [
        UseSnapshot(
            scope=use.scope.name,
            purpose_id=use.purpose_id,
            why=use.why,
            is_required=use.is_required,
            retention_days=use.retention_days,
            max_days=use.max_days,
            look_back_days=use.look_back_days,
        )
        for use in uses.select_related("scope").order_by("scope__name")
    ]


def digest_of(
    *,
    application: str,
    redirect_uris: Sequence[str],
    uses: Sequence[Mapping[str, object]],
    plan: str,
    purpose: str,
) -> str:
    """Return the SHA-256 of the canonical JSON (sorted keys, no spaces) as 64 hex digits."""
    decided_on = {
        "application": application,
        "redirect_uris": sorted(redirect_uris),
        "uses": [dict(use) for use in uses],
        "plan": plan,
        "purpose": purpose,
    }
    canonical = json.dumps(decided_on, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def current_digest(request: AccessRequest) -> str:
    """Return the digest of what the request would ask for if it were sent now."""
    client = request.client
    client.refresh_from_db(fields=["redirect_uris"])
    return digest_of(
        application=client.application.name,
        redirect_uris=client.redirect_uris.split(),
        uses=uses_for(client, request.plan),
        plan=f"{request.plan.api.slug}/{request.plan.code}",
        purpose=request.purpose,
    )
