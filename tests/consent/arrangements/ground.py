"""Two applications, one customer and their staff: what every example begins with."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from django.test import Client as Browser

from catalog.scopes.models import Scope
from partners.applications.actions import issue_credential
from partners.subscriptions.models import Subscription
from portal.access.actors import Actor, Role
from tests.consent.arrangements.shadow import OPEN
from tests.factories.catalog import ScopeFactory
from tests.factories.gateway import Gate, make_gate, make_operation
from tests.factories.oauth import World
from tests.factories.partners import ApprovedUseFactory, ClientFactory, SubscriptionFactory
from tests.factories.people import member, staff

START = datetime(2026, 1, 12, 9, tzinfo=UTC)


class Ground:
    """Made once and never changed for good: each example is rolled back."""

    def __init__(self) -> None:
        gate: Gate = make_gate()
        self.first, self.api_slug = gate.world, gate.api.slug
        more = ScopeFactory(name="more:read", api_slug=gate.api.slug)
        make_operation(gate.api.versions.get(), "get-more", "/more", [more.name])
        mine = Subscription.objects.get(client=self.first.client)
        ApprovedUseFactory(subscription=mine, scope=more, is_required=False)
        client = ClientFactory(production=True)
        theirs = SubscriptionFactory(client=client, plan=mine.plan)
        for name in ("extra:read", "more:read", OPEN):
            scope = Scope.objects.get(name=name)
            extra = {"purpose": None, "retention_days": 0} if name == OPEN else {}
            ApprovedUseFactory(subscription=theirs, scope=scope, is_required=False, **extra)
        Subscription.objects.update(ends_at=START + timedelta(days=36_500))
        owner = member(client.application.organization, Role.OWNER)
        _, secret = issue_credential(client, by=owner)
        self.second = World(client, secret, self.first.customer, Browser())
        self.staff: Actor = staff(Role.SECURITY, Role.PRIVACY)
        self.steps = self.beginnings = 0
        self.happened: Counter[str] = Counter()
