"""What a client may learn about a token (RFC 7662): only about its own, and never a name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from catalog.scopes.models import Scope
from consent.arrangements.access import never_left_out
from consent.arrangements.models import Item, Pseudonym
from consent.keys import jws
from consent.oauth.access_tokens import audience_of, subject_of
from consent.oauth.ceiling import allowed_details
from consent.oauth.holding import held_to_deadlines
from consent.oauth.models import AccessToken
from consent.oauth.openid import PROTOCOL_SCOPES
from consent.oauth.rar import contents
from consent.oauth.scopes import OWN_SCOPES
from consent.oauth.tokens import access_tokens, checksum_of
from partners.applications.credentials import Known, as_credentials, live_secrets
from partners.applications.models import Client
from partners.subscriptions.access import is_granted
from portal.prepared import Prepared

INACTIVE = {"active": False}
TYPE = "token-introspection+jwt"
ALGORITHM = "ES256"


def describe_token(token: Any, *, to: Client, at: datetime) -> dict[str, Any]:
    """Return what RFC 7662 §2.2 says now about what `find_token` found.

    No statement more is needed, or one if the token has details.

    Instants are whole seconds since 1970. Nothing but `active` is said of a token that is unknown,
    another client's or does not count any more.
    """
    if token is None or token.application_id != to.pk or not token.is_live(at=at):
        return INACTIVE
    if not _is_for_anything(token):
        return INACTIVE
    described = {
        "active": True,
        "iss": settings.ISSUER,
        "client_id": to.client_id,
        # Only the first look at a customer's first token has to give the customer a name.
        "sub": str(token.subject or subject_of(token)),
        "aud": audience_of(token),
        "scope": " ".join(_allowed(token)),
        "token_type": token.token_type,
        "iat": int(token.created.timestamp()),
        "exp": int(token.expires.timestamp()),
    }
    if token.confirmation:
        described["cnf"] = token.confirmation
    if details := allowed_details(token):
        described["authorization_details"] = contents(details)
    if token.arrangement_id is not None:
        described["grant_id"] = str(token.arrangement_id)
    return described


def sign_description(described: dict[str, Any], *, to: Client, at: datetime) -> str:
    """Return the answer as evidence for the one client that asked (RFC 9701 §5).

    It has no `sub` or `exp` of its own, so that nobody can take it for a token (§8.1).
    """
    claims = {
        "iss": settings.ISSUER,
        "aud": to.client_id,
        "iat": int(at.timestamp()),
        "token_introspection": described,
    }
    return jws.sign(claims, typ=TYPE, algorithm=ALGORITHM)


def find_token(raw: str, *, at: datetime) -> Any:
    """Return the token, or None, in one statement with all that this module says of it.

    That is its subject, what decides on each of its scopes, and its client with the secrets by
    which the client may prove that it asks for itself.
    """
    checksum = checksum_of(raw)
    return held_to_deadlines(_found.first(checksum=checksum, at=at)) if checksum else None


def _described(checksum: str, at: datetime) -> QuerySet[AccessToken]:
    client = OuterRef("application")
    granted = Scope.objects.filter(is_granted("pk", OuterRef(client), at=at))
    items = Item.objects.filter(
        version__arrangement=OuterRef("arrangement"),
        version__number__gte=OuterRef("version_number"),
    )
    asked = Func(OuterRef("scope"), Value(" "), function="string_to_array")
    place = Func(asked, F("name"), function="array_position", output_field=IntegerField())
    opening = Scope.objects.filter(cluster_code="").alias(place=place).filter(place__isnull=False)
    names = Pseudonym.objects.filter(
        application=OuterRef("application__application"),
        customer=OuterRef("arrangement__customer"),
    )
    return access_tokens(checksum).annotate(
        items=ArraySubquery(
            items.order_by("pk").values(
                item=JSONObject(version="version__number", scope="scope__name")
            )
        ),
        opening=ArraySubquery(opening.values("name")),
        granted=ArraySubquery(granted.values("name")),
        subject=Subquery(names.values("subject")),
        credentials=live_secrets("application", at=at),
    )


_found: Prepared[AccessToken] = Prepared(_described, checksum=str, at=datetime)


def known_by(token: Any) -> Known:
    """Return the client of a token that `find_token` found, ready to be authenticated."""
    return Known(token.application, as_credentials(token.credentials))


def _is_for_anything(token: Any) -> bool:
    """Whether its client may still have one of the scopes, where the token has any of an API."""
    of_apis = set(token.scope.split()) - PROTOCOL_SCOPES - OWN_SCOPES
    return not of_apis or not of_apis.isdisjoint(token.granted)


def _allowed(token: Any) -> list[str]:
    """Return what `ceiling.allowed_scopes` does, from what was read with the token."""
    rows = [
        (item["version"], item["scope"], item["scope"])
        for item in token.items
        if item["scope"] in token.granted
    ]
    allowed = {*token.granted} & {*token.opening} | PROTOCOL_SCOPES
    if token.arrangement is None:
        allowed |= OWN_SCOPES
    if token.arrangement is not None:
        allowed |= set(never_left_out(rows, now=token.arrangement.version_number))
    return [name for name in token.scope.split() if name in allowed]
