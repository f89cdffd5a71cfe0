"""Made-up customers of the sandbox: a partner lets them agree and stop, to see what follows."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from consent.arrangements import ending, giving, picking, terms, wording
from consent.arrangements.models import Arrangement, Customer
from partners.applications.models import Client
from partners.organizations.actors import actor_of
from partners.subscriptions.access import uses_of
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict
from portal.events.log import record
from portal.sandbox.events import SandboxEvent

AGREES_FOR = timedelta(days=1)


def made_up_customers() -> QuerySet[Customer]:
    """Return whom the sandbox knows; none of them is a real person."""
    found = Customer.objects.filter(is_test=True, user__is_active=True)
    return found.select_related("user").order_by("pk")


def last_arrangement(client: Client, customer: Customer) -> Arrangement | None:
    """Return what the customer agreed to last with that client, whatever became of it."""
    found = Arrangement.objects.filter(client=client, customer=customer)
    return found.select_related("customer__user").order_by("-given_at", "-pk").first()


@transaction.atomic
def let_agree(customer: Customer, client: Client, *, by: Actor) -> Arrangement:
    """Let a made-up customer share all that the application asks for, for a day."""
    _require(client, by)
    now = timezone.now()
    uses = [use for use in uses_of(client, at=now) if use.cluster_code]
    if not uses:
        raise Conflict(f"{client.application} asks customers for nothing yet.")
    clusters = terms.clusters_of(uses)
    arrangement = giving.give_consent(
        customer,
        client,
        by=actor_of(customer.user),
        uses=uses,
        scopes=[use.scope for use in uses],
        ends_at=now + AGREES_FOR,
        notice=wording.notice_of(client, uses, clusters=clusters),
        resources=picking.every(clusters.values()),
        occasion=giving.Occasion("en", None),
    )
    _record(SandboxEvent.AGREED, customer, client, by)
    return arrangement


@transaction.atomic
def let_stop(customer: Customer, client: Client, *, by: Actor) -> None:
    """Let a made-up customer stop sharing, as a real one can at any time."""
    _require(client, by)
    arrangement = last_arrangement(client, customer)
    if arrangement is None:
        raise Conflict("There is nothing to stop: this customer has not agreed yet.")
    ending.withdraw_arrangement(arrangement, by=actor_of(customer.user))
    _record(SandboxEvent.STOPPED, customer, client, by)


def _require(client: Client, by: Actor) -> None:
    owner = client.application.organization_id
    require(by, Permission.TRY_SANDBOX, organization_id=owner)


def _record(kind: SandboxEvent, customer: Customer, client: Client, by: Actor) -> None:
    record(
        kind,
        client,
        by=by,
        organization_id=client.application.organization_id,
        application=client.application.slug,
        customer_id=customer.pk,
    )
