"""What a token is limited to beside its scopes: APIs (RFC 8707) and single cases (RFC 9396)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone

from catalog.apis.models import Api
from catalog.scopes import models as catalog
from consent.oauth.ceiling import allowed_details
from consent.oauth.grants import read_management
from consent.oauth.models import AccessToken, DeviceGrant, Grant, RefreshToken
from consent.oauth.parameters import Parameters
from consent.oauth.rar import (
    Detail,
    DetailType,
    InvalidDetails,
    contents,
    narrowed,
    read_details,
)
from consent.oauth.resources import InvalidTarget, covers_api, read_resources
from consent.oauth.wishes import Wishes
from partners.applications.models import Client
from partners.subscriptions.access import Use, uses_of

DETAILS = "authorization_details"


@dataclass(frozen=True, slots=True)
class Limits:
    resources: tuple[str, ...]
    details: tuple[Detail, ...]


def types_for(scopes: Iterable[str]) -> dict[str, DetailType]:
    """Return the types of details, as they are worded now, of which those scopes have cases."""
    rows = catalog.DetailType.objects.current().filter(scope_name__in=set(scopes))
    return {row.name: _type(row) for row in rows}


def types_of(client: Client, uses: Iterable[Use]) -> dict[str, DetailType]:
    """Return the types that a client may ask for: of its scopes those that it named, if any."""
    types = types_for(use.scope for use in uses)
    named = client.authorization_details_types
    return {name: kind for name, kind in types.items() if not named or name in named}


def types_supported() -> list[str]:
    """Return the names of the types of public APIs, at most a minute old: it is asked for often."""
    return list(names_in_minute(int(timezone.now().timestamp()) // 60))


@lru_cache(maxsize=1)
def names_in_minute(_minute: int) -> tuple[str, ...]:
    told = Api.objects.open_to([]).values("slug")
    rows = catalog.DetailType.objects.current().filter(api_slug__in=told).order_by("name")
    return tuple(rows.values_list("name", flat=True))


def read_wishes(
    parameters: Parameters, *, client: Client, uses: Sequence[Use], at: datetime
) -> Wishes:
    """Return what a request wants beside scopes, checked against the catalog and the grants.

    Raises `InvalidTarget`, `InvalidDetails`, `InvalidGrantId` and `InvalidRequest`.
    """
    management, grant_id = read_management(parameters, client=client, at=at)
    resources = read_resources(parameters, client=client, at=at)
    details: tuple[Detail, ...] = ()
    if parameters.get(DETAILS):
        details = read_details(parameters.get(DETAILS), types=types_of(client, uses))
        if not all(covers_api(resources, detail.api) for detail in details):
            raise InvalidTarget("A detail is for an API that is none of the resources.")
    return Wishes(resources, details, str(management or ""), str(grant_id or ""))


def limits_for(
    source: Grant | DeviceGrant | RefreshToken | None,
    parameters: Parameters,
    *,
    client: Client,
    scopes: Collection[str],
    at: datetime,
) -> Limits:
    """Return what a new access token is limited to: what its source is, or less if asked so.

    Only the cases of its own scopes and APIs are left in it. Raises `InvalidTarget` and
    `InvalidDetails` for what would be more.
    """
    within = tuple(source.resource) if source is not None else ()
    resources = read_resources(parameters, client=client, at=at, within=within)
    granted = allowed_details(source) if source is not None else ()
    details = granted
    if parameters.get(DETAILS):
        if source is None:
            raise InvalidDetails("No customer agreed to these details: ask one first.")
        types = types_of(client, uses_of(client, at=at))
        details = narrowed(read_details(parameters.get(DETAILS), types=types), granted=granted)
    return Limits(
        resources,
        tuple(
            detail
            for detail in details
            if detail.scope in scopes and covers_api(resources, detail.api)
        ),
    )


def granted_with(issued: AccessToken) -> dict[str, Any]:
    """Return what the token response says beside the tokens (RFC 9396 §7, Grant Management §5)."""
    told: dict[str, Any] = {}
    if issued.arrangement_id is not None:
        told["grant_id"] = str(issued.arrangement_id)
    if issued.details:
        told[DETAILS] = contents(Detail.from_json(kept) for kept in issued.details)
    return told


def _type(row: catalog.DetailType) -> DetailType:
    return DetailType(
        name=row.name,
        version=row.version,
        title=row.title,
        scope=row.scope_name,
        api=row.api_slug,
        schema=row.schema,
        lines=tuple(row.lines),
    )
