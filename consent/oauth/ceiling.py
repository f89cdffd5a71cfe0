"""What a code or token may still do: never more than the customer allows now."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, F, Func, IntegerField, QuerySet, Value
from django.utils import timezone

from catalog.scopes.models import Scope
from consent.arrangements.access import current_details, never_left_out
from consent.arrangements.models import Item
from consent.oauth.models import AccessToken, DeviceGrant, Grant, RefreshToken
from consent.oauth.openid import PROTOCOL_SCOPES
from consent.oauth.rar import Detail
from consent.oauth.scopes import OWN_SCOPES
from partners.subscriptions.access import is_granted
from portal.prepared import Prepared

# No version has this number: scopes that open no customer data come without one.
_OPEN = 0


def allowed_scopes(issued: Grant | DeviceGrant | AccessToken | RefreshToken) -> list[str]:
    """Return the scopes it was issued with that count now, in their order.

    Those are what its client may have and its customer allows, both at this instant. Scopes that
    open no customer data need no customer's leave. What was switched off since it was issued stays
    off for it, even if the customer allows it again. One statement.
    """
    ceiling, at = issued.scope.split(), timezone.now()
    if issued.arrangement is None:
        found_open = _opening(ceiling=ceiling, client_id=issued.application_id, at=at)
        opening = {name for _, name in found_open} | OWN_SCOPES
        return [name for name in ceiling if name in opening]
    found: list[tuple[int, str]] = _allowed(
        ceiling=ceiling,
        arrangement_id=issued.arrangement_id,
        first=issued.version_number,
        client_id=issued.application_id,
        at=at,
    )
    shared = never_left_out(
        [(number, name, name) for number, name in found if number != _OPEN],
        now=issued.arrangement.version_number,
    )
    allowed = {*shared, *(name for number, name in found if number == _OPEN), *PROTOCOL_SCOPES}
    return [name for name in ceiling if name in allowed]


def _open_scopes(ceiling: list[str], client_id: int, at: datetime) -> QuerySet[Any]:
    asked = Value(ceiling, ArrayField(CharField()))
    place = Func(asked, F("name"), function="array_position", output_field=IntegerField())
    granted = is_granted("pk", client_id, at=at)
    scopes = (
        Scope.objects.filter(granted, cluster_code="")
        .alias(place=place)
        .filter(place__isnull=False)
    )
    numbered = scopes.annotate(number=Value(_OPEN, IntegerField()))
    return numbered.values_list("number", "name")


def _with_agreed(
    ceiling: list[str], arrangement_id: UUID, first: int, client_id: int, at: datetime
) -> QuerySet[Any]:
    items = Item.objects.filter(
        is_granted("scope", client_id, at=at),
        version__arrangement=arrangement_id,
        version__number__gte=first,
    )
    agreed = items.values_list("version__number", "scope__name")
    return agreed.union(_open_scopes(ceiling, client_id, at), all=True)


_opening: Prepared[Any] = Prepared(_open_scopes, ceiling=list, client_id=int, at=datetime)
_allowed: Prepared[Any] = Prepared(
    _with_agreed, ceiling=list, arrangement_id=UUID, first=int, client_id=int, at=datetime
)


def allowed_details(
    issued: Grant | DeviceGrant | AccessToken | RefreshToken,
) -> tuple[Detail, ...]:
    """Return the single cases it was issued with that the customer allows now.

    A case may have been narrowed since it was agreed to; it counts while what it is part of does.
    """
    held = tuple(Detail.from_json(kept) for kept in issued.details)
    if not held or issued.arrangement is None:
        return ()
    agreed = current_details(issued.arrangement, since=issued.version_number)
    whole = [Detail.from_json(kept) for kept in agreed]
    return tuple(detail for detail in held if any(detail.is_part_of(one) for one in whole))
