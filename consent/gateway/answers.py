"""Answer a gateway's question: whether this call may pass, and what its answer may hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from catalog.scopes.reveals import widest
from consent.arrangements import pseudonyms, readings
from consent.arrangements.models import Customer, Item
from consent.arrangements.models.joint import stopped_for
from consent.arrangements.picking import selectable
from consent.gateway.calls import Call
from consent.gateway.decision import Reason, decide
from consent.gateway.facts import Gathered, gather
from consent.gateway.limits import Count, count_call
from consent.gateway.routes import Life
from consent.gateway.things import allowed_resources, without_stopped
from consent.gateway.usage import count_decision, count_unknown
from consent.oauth.ceiling import allowed_details
from consent.oauth.models import AccessToken
from consent.oauth.rar import Detail


@dataclass(frozen=True, slots=True)
class Answer:
    """The reason, and what the gateway hands on to the API and back to the client.

    `fields` are what the API's answer may hold, as `catalog.scopes.reveals` spells it, None where
    the operation reveals nothing about a customer and so nothing is left out.
    """

    reason: Reason
    operation_key: str = ""
    client_id: str = ""
    application_id: int = 0
    organization: str = ""
    customer_id: int | None = None
    subject: str = ""
    arrangement_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    fields: tuple[str, ...] | None = None
    # The single cases that the token is limited to at this API; None where it is not.
    details: tuple[Detail, ...] | None = None
    history_from: datetime | None = None
    # The things that the answer may be about, as `rx;12` or, for all of a kind, `rx;*`; None where
    # its data does not come in things.
    resources: tuple[str, ...] | None = None
    count: Count | None = None
    # Whether the token came as bound to a key, or is: a refusal says in which scheme to come back.
    is_bound: bool = False
    # When the version ends, where that is announced: allowed and refused callers read it alike.
    life: Life | None = None


def answer(call: Call, *, at: datetime) -> Answer:
    """Decide one call, count it, and note what a customer's data was read for.

    The rows are read in one go at `at`; a withdrawal that commits before is seen, always.
    """
    gathered = gather(call, at=at)
    return replace(_answer(call, gathered, at=at), life=gathered.life)


def _answer(call: Call, gathered: Gathered, *, at: datetime) -> Answer:
    reason = decide(gathered.facts)
    if gathered.token is not None and gathered.route is None and gathered.version_key:
        count_unknown(gathered.token.application.pk, gathered.version_key, at=at)
    if gathered.token is None or gathered.route is None:
        return Answer(reason, is_bound=_is_bound(call, gathered))
    count = None
    if reason is Reason.ALLOWED and gathered.access is not None:
        client_id = gathered.token.application.client_id
        count = count_call(client_id, gathered.access.plan_id, gathered.access.limits)
        if count is not None and not count.is_allowed:
            reason = Reason.RATE_LIMITED
    count_decision(gathered.token.application.pk, gathered.route.key, reason, at=at)
    if reason is not Reason.ALLOWED:
        is_bound = _is_bound(call, gathered)
        return Answer(reason, operation_key=gathered.route.key, count=count, is_bound=is_bound)
    return _allowed(gathered, count, at=at)


def _details_of(
    token: AccessToken, *, api_slug: str, scopes: frozenset[str]
) -> tuple[Detail, ...] | None:
    """Return what is left of the cases that the token was issued with for this API.

    None of them may be left: the token is then for no case, and never for all of them.
    """

    def is_here(detail: Detail) -> bool:
        return detail.api == api_slug and detail.scope in scopes

    if not any(map(is_here, map(Detail.from_json, token.details))):
        return None
    return tuple(filter(is_here, allowed_details(token)))


def _is_bound(call: Call, gathered: Gathered) -> bool:
    return call.scheme == "dpop" or bool(gathered.token and gathered.token.jkt)


def _allowed(gathered: Gathered, count: Count | None, *, at: datetime) -> Answer:
    token, route = gathered.token, gathered.route
    assert token is not None and route is not None  # noqa: S101, PT018 - ALLOWED implies both
    application = token.application.application
    held = frozenset(token.scope.split()) & (gathered.facts.granted or frozenset())
    plain = Answer(
        Reason.ALLOWED,
        operation_key=route.key,
        client_id=token.application.client_id,
        application_id=application.pk,
        organization=application.organization.slug,
        scopes=held,
        details=_details_of(token, api_slug=route.key.partition("/")[0], scopes=held),
        count=count,
    )
    if not route.consentable or token.arrangement is None:
        return plain
    customer = token.arrangement.customer
    items = [item for item in gathered.items if item.scope.name in held]
    revealing = [item for item in items if item.fields.get(route.key)]
    readings.note_reading(
        token.arrangement.pk,
        operation_key=route.key,
        cluster_codes=sorted({item.cluster.code for item in revealing}),
        at=at,
    )
    shared = [field for item in revealing for field in item.fields[route.key]]
    return replace(
        plain,
        customer_id=customer.pk,
        subject=str(pseudonyms.pseudonym_of(customer, application)),
        arrangement_id=token.arrangement.pk,
        scopes=frozenset(item.scope.name for item in items),
        fields=tuple(widest([*shared, *route.open_fields])),
        history_from=max(
            (item.look_back_from for item in revealing if item.look_back_from), default=None
        ),
        resources=_resources_of(
            [item for item in items if item in revealing or item.scope.name in route.scopes],
            customer=customer,
            application_id=application.pk,
        ),
    )


def _resources_of(
    items: Sequence[Item], *, customer: Customer, application_id: int
) -> tuple[str, ...] | None:
    """Return the things that the items allow and no other holder of them has stopped."""
    kinds = {item.cluster.resources["kind"] for item in items if item.resources is not None}
    return without_stopped(
        allowed_resources(items),
        stopped=stopped_for(application_id, kinds),
        all_of=lambda kind: [one.reference for one in selectable(customer, kind)],
    )
