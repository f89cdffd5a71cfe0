from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from catalog.scopes.models import DataCluster, FieldRule, Scope
from consent.arrangements import giving
from consent.arrangements.models import Arrangement, Customer
from consent.arrangements.picking import every
from consent.arrangements.terms import clusters_of
from consent.arrangements.wording import notice_of
from consent.notices.actions import reference_to
from partners.applications.models import Client
from partners.organizations.actors import actor_of
from partners.subscriptions.access import Use
from tests.factories.catalog import PurposeFactory, ScopeFactory
from tests.factories.partners import ClientFactory
from tests.factories.people import UserFactory


class CustomerFactory(factory.django.DjangoModelFactory[Customer]):
    class Meta:
        model = Customer

    user = factory.SubFactory(UserFactory)


class ArrangementFactory(factory.django.DjangoModelFactory[Arrangement]):
    """A bare arrangement without a version; tests of consent go through `give_consent`."""

    class Meta:
        model = Arrangement

    customer = factory.SubFactory(CustomerFactory)
    client = factory.SubFactory(ClientFactory, production=True)
    given_at = factory.LazyFunction(timezone.now)
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=90))


def use_of(scope: Scope | None = None, **changes: Any) -> Use:
    """Return a use of a scope, with a purpose, a field rule and thirty days of retention."""
    scope = scope or ScopeFactory()
    cluster = DataCluster.objects.filter(code=scope.cluster_code, superseded_at=None).first()
    if cluster is not None:
        FieldRule.objects.get_or_create(
            cluster=cluster, operation_key="things/v1/listThings", pointer=f"/{cluster.code}"
        )
    known: dict[str, Any] = {
        "scope": scope.name,
        "scope_id": scope.pk,
        "cluster_code": scope.cluster_code,
        "purpose_id": PurposeFactory().pk if cluster else None,
        "why": "to remind you before you run out.",
        "is_required": False,
        "retention_days": 30,
    }
    return Use(**known | changes)


def share(
    customer: Customer | None = None,
    client: Client | None = None,
    *,
    uses: Sequence[Use] | None = None,
    scopes: Collection[str] | None = None,
    days: float = 90,
    **how: Any,
) -> Arrangement:
    """Let a customer agree: by default to one thing that is needed and one that is not."""
    client = client or ClientFactory(production=True)
    customer = customer or CustomerFactory(is_test=client.is_sandbox)
    uses = uses or [use_of(is_required=True), use_of()]
    how.setdefault("resources", every(clusters_of(uses).values()))
    return giving.give_consent(
        customer,
        client,
        by=actor_of(customer.user),
        uses=uses,
        scopes=[use.scope for use in uses] if scopes is None else scopes,
        ends_at=timezone.now() + timedelta(days=days),
        notice=_notice(client, uses),
        **{"occasion": giving.Occasion("en", timezone.now()), **how},
    )


def _notice(client: Client, uses: Sequence[Use]) -> dict[str, Any]:
    """Return what the screen would show, with our own notice where there is one."""
    own = reference_to(language="en", at=timezone.now())
    shown = notice_of(client, uses, clusters=clusters_of(uses))
    return shown | {"privacy_notice": own} if own else shown
