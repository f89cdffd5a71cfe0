from __future__ import annotations

import pytest
from django.db import transaction

from partners.organizations.models import Organization
from partners.webhooks import actions, handlers
from partners.webhooks.models import Endpoint, Message
from portal.access.actors import SYSTEM, Actor, Role
from portal.events.log import record
from portal.events.models import Delivery, Event
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member


@pytest.fixture
def organization(db) -> Organization:
    return OrganizationFactory(approved=True)


@pytest.fixture
def owner(organization) -> Actor:
    return member(organization, Role.OWNER)


@pytest.fixture
def hooked(organization, owner, httpserver) -> tuple[Endpoint, str]:
    """Return a proven endpoint on a real server and its secret."""
    endpoint, secret = actions.add_endpoint(
        organization, by=owner, url=httpserver.url_for("/hooks")
    )
    Message.objects.all().delete()
    endpoint.move_to(Endpoint.Status.ACTIVE)
    return endpoint, secret


def withdrawn(organization: Organization, **facts: object) -> Event:
    with transaction.atomic():
        event = record(
            "consent.arrangement.withdrawn",
            organization,
            by=SYSTEM,
            organization_id=organization.pk,
            person_id=7,
            **{"client_id": "hr_live_1", "application": "app", "version": 2, **facts},
        )
        # There is no such arrangement: its other hearers would look for it in vain.
        Delivery.objects.exclude(handler=f"{handlers.__name__}.tell_endpoints").delete()
    return event
