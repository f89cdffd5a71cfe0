"""Gather what a decision needs, from the database as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, TextField, Value
from django.db.models.functions import Concat

from catalog.apis.models import Api, ApiVersion, Field, Operation
from catalog.changes.models import Deprecation
from catalog.scopes.models import Depth, Scope
from catalog.scopes.reveals import Reveal, widest
from catalog.specs.models import SpecRevision
from consent.arrangements.access import current_items
from consent.arrangements.models import Item
from consent.gateway.calls import Call
from consent.gateway.decision import ConsentFacts, Facts, TokenFacts
from consent.gateway.possession import possession_of
from consent.gateway.routes import Life, Route, match
from consent.oauth import resources
from consent.oauth.models import AccessToken
from consent.oauth.tokens import read_access_token
from partners.subscriptions.access import Access, access_of


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts, and the rows they come from, which the answer's effects name.

    `life` is that of the version, where its end is announced; `version_key` names a version that is
    known, whether or not the call means an operation of it.

    `items` leave out what is restricted: an answer holds nothing of it, whatever else it holds.
    """

    facts: Facts
    route: Route | None
    token: AccessToken | None
    access: Access | None
    items: tuple[Item, ...]
    life: Life | None = None
    version_key: str = ""


def gather(call: Call, *, at: datetime) -> Gathered:
    """Return the facts about a call; at most seven statements, none of them cached across calls."""
    routes, life = _routes_of_version(call.api_slug, call.version_label)
    route = match(routes, call.method, call.path)
    token = read_access_token(call.token) if call.token else None
    access = access_of(token.application, api_slug=call.api_slug, at=at) if token else None
    items = _items_of(token) if token else ()
    facts = Facts(
        at=at,
        needed=route.scopes if route else None,
        consentable=route.consentable if route else frozenset(),
        presented=call.presented,
        token=_token_facts(call, token, at=at),
        client_is_live=token is not None and token.application.is_live,
        granted=access.scopes if access else None,
        consent=_consent_facts(token, items),
        sunset_at=life.sunset_at if life else None,
    )
    version_key = f"{call.api_slug}/{call.version_label}" if routes else ""
    return Gathered(facts, route, token, access, _unrestricted(token, items), life, version_key)


def _token_facts(call: Call, token: AccessToken | None, *, at: datetime) -> TokenFacts | None:
    if token is None:
        return None
    return TokenFacts(
        expires_at=token.expires,
        is_revoked=token.revoked_at is not None,
        scopes=frozenset(token.scope.split()),
        possession=possession_of(call, token, at=at),
        is_for_this_api=resources.covers(
            token.resource, api_slug=call.api_slug, label=call.version_label
        ),
    )


def _consent_facts(token: AccessToken | None, items: tuple[Item, ...]) -> ConsentFacts | None:
    arrangement = token.arrangement if token else None
    if token is None or arrangement is None:
        return None
    return ConsentFacts(
        status=arrangement.status,
        ends_at=arrangement.ends_at,
        is_same_epoch=token.epoch == arrangement.epoch,
        scopes=frozenset(item.scope.name for item in items),
        customer_is_active=token.user is not None and token.user.is_active,
        restricted=frozenset(
            item.scope.name for item in items if arrangement.customer.restricts(item.cluster.code)
        ),
    )


def _unrestricted(token: AccessToken | None, items: tuple[Item, ...]) -> tuple[Item, ...]:
    if token is None or token.arrangement is None or not token.arrangement.customer.restricted:
        return items
    customer = token.arrangement.customer
    return tuple(item for item in items if not customer.restricts(item.cluster.code))


def _items_of(token: AccessToken) -> tuple[Item, ...]:
    """Return what the customer shares now and has shared ever since this token."""
    if token.arrangement is None:
        return ()
    return tuple(current_items(token.arrangement, since=token.version_number))


def _routes_of_version(api_slug: str, label: str) -> tuple[tuple[Route, ...], Life | None]:
    """Return the routes of a published version, compiled once for each document, and its end.

    A version that has ended keeps its routes, so that its callers hear that it has.

    Which scopes customers agree to is asked each time, in the same statement: the document of
    another version may have changed it.
    """
    consentable = Scope.objects.filter(api_slug=api_slug).exclude(cluster_code="").order_by("name")
    successor = Concat(
        "successor__api__slug", Value(" "), "successor__label", output_field=TextField()
    )
    followers = (
        Deprecation.objects.exclude(status=Deprecation.Status.WITHDRAWN)
        .filter(version=OuterRef("version"), successor__isnull=False)
        .order_by("-pk")
    )
    revision = (
        SpecRevision.objects.filter(
            Q(version__status__in=ApiVersion.PUBLIC_STATUSES)
            | Q(version__status=ApiVersion.Status.SUNSET, version__sunset_at__isnull=False),
            status=SpecRevision.Status.CURRENT,
            version__label=label,
            version__api__slug=api_slug,
            version__api__status__in=[Api.Status.PUBLISHED, Api.Status.DEPRECATED],
        )
        .values_list(
            "pk",
            "version_id",
            ArraySubquery(consentable.values("name")),
            "version__deprecated_at",
            "version__sunset_at",
            ArraySubquery(followers.values_list(successor)),
        )
        .first()
    )
    if revision is None:
        return (), None
    revision_id, version_id, names, deprecated_at, sunset_at, followed_by = revision
    life = None
    if deprecated_at is not None or sunset_at is not None:
        slug, _, follower = (followed_by or [""])[0].partition(" ")
        life = Life(api_slug, label, deprecated_at, sunset_at, (slug, follower) if slug else None)
    return _compiled(revision_id, version_id, frozenset(names)), life


@lru_cache(maxsize=256)
def _compiled(_revision_id: int, version_id: int, consentable: frozenset[str]) -> tuple[Route, ...]:
    """Compile a version's routes; the revision is in the key because a new one changes them."""
    operations = (
        Operation.objects.filter(version_id=version_id)
        .select_related("version__api")
        .prefetch_related("fields")
    )
    return tuple(
        Route(
            key=operation.key,
            method=operation.method,
            template=operation.path,
            scopes=frozenset(operation.scopes),
            consentable=frozenset(operation.scopes) & consentable,
            open_fields=tuple(
                widest(
                    f"{Reveal(field.pointer)};{field.transform}".removesuffix(";")
                    for field in operation.fields.all()
                    if not field.cluster_code and _is_open(field)
                )
            ),
            declared=tuple(field.pointer for field in operation.fields.all()),
        )
        for operation in operations
    )


def _is_open(field: Field) -> bool:
    """Whether the description says that it reveals nothing; what says nothing does not leave."""
    return field.depth is not None and field.depth <= Depth.INTERNAL


def declared_fields(operation_key: str) -> tuple[str, ...]:
    """Return the pointers of all fields that the description of an operation names."""
    api_slug, label, _ = operation_key.split("/", 2)
    routes = {route.key: route for route in _routes_of_version(api_slug, label)[0]}
    return routes[operation_key].declared if operation_key in routes else ()
