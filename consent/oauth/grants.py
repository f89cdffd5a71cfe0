"""Grants as their client sees them (Grant Management for OAuth 2.0): a grant is an arrangement."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from consent.arrangements.access import current_details, current_items
from consent.arrangements.ending import return_arrangement
from consent.arrangements.models import Arrangement, Customer, Management
from consent.oauth.authentication import actor_of
from consent.oauth.models import RefreshToken
from consent.oauth.parameters import Parameters
from consent.oauth.rar import Detail, contents
from consent.oauth.resources import address_of
from consent.oauth.wishes import Wishes
from consent.proofs.errors import InvalidRequest, OAuthError
from partners.applications.models import Client

ACTION = "grant_management_action"


class InvalidGrantId(OAuthError):
    """No grant that this client may name now; whose it is instead is nobody's business."""

    code = "invalid_grant_id"


class NoSuchGrant(InvalidGrantId):
    status = 404


def find_grant(grant_id: UUID, *, client: Client, at: datetime) -> Arrangement | None:
    """Return the client's own grant while it lives and once it has taken a token for it."""
    taken = Exists(RefreshToken.objects.filter(arrangement=OuterRef("pk")))
    found = (
        Arrangement.objects.running(at=at)
        .filter(taken | Q(claimed_at__isnull=False), pk=grant_id, client=client)
        .select_related("client__application__organization", "customer__user")
    )
    return found.first()


def read_management(
    parameters: Parameters, *, client: Client, at: datetime
) -> tuple[Management | None, UUID | None]:
    """Return what is to be done with which grant; both None where nothing was said.

    Raises `InvalidRequest` and `InvalidGrantId` (Grant Management §5).
    """
    action, raw = parameters.get(ACTION), parameters.get("grant_id")
    if not action:
        if raw:
            raise InvalidRequest(f"grant_id without {ACTION} means nothing.")
        return None, None
    if action not in Management.values:
        raise InvalidRequest(f"{ACTION} must be one of {', '.join(Management.values)}.")
    management = Management(action)
    if management == Management.CREATE:
        if raw:
            raise InvalidRequest("A new grant has no grant_id yet.")
        return management, None
    if not raw:
        raise InvalidRequest(f"{ACTION}={action} needs a grant_id.")
    grant = find_grant(_id(raw), client=client, at=at)
    if grant is None:
        raise InvalidGrantId("There is no such grant of this client.")
    return management, grant.pk


def is_grant_of(customer: Customer, wishes: Wishes) -> bool:
    """Whether what the request names, if it names a grant, was given by that customer."""
    return not wishes.grant_id or customer.arrangements.filter(pk=wishes.grant_id).exists()


def describe_grant(grant: Arrangement) -> dict[str, Any]:
    """Return what a grant allows now: no tokens, and nothing about the customer (§6.4)."""
    by_api: dict[str, list[str]] = {}
    for item in current_items(grant):
        by_api.setdefault(item.scope.api_slug, []).append(item.scope.name)
    details = [Detail.from_json(kept) for kept in current_details(grant)]
    is_paused = grant.status == Arrangement.Status.PAUSED
    return ({"consent_status": "paused"} if is_paused else {}) | {
        "scopes": [
            {"scope": " ".join(sorted(names)), "resources": [address_of(api)]}
            for api, names in sorted(by_api.items())
        ],
        "claims": [],
        "authorization_details": contents(details),
        "created_at": int(grant.given_at.timestamp()),
        "expires_at": int(grant.ends_at.timestamp()),
    }


@transaction.atomic
def revoke_grant(grant: Arrangement, *, client: Client) -> None:
    """End the grant and, by its epoch, every code and token that hangs off it (§6.5)."""
    return_arrangement(grant, client=client, by=actor_of(client))


def _id(raw: str) -> UUID:
    try:
        grant_id = UUID(raw)
    except ValueError as error:
        raise InvalidGrantId("There is no such grant of this client.") from error
    if str(grant_id) != raw:
        raise InvalidGrantId("There is no such grant of this client.")
    return grant_id
