"""An inbox as full as it may get: thousands of open reviews of hundreds of partners."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from catalog.plans.models import Environment, Plan
from partners.applications.models import Application, Client
from partners.organizations.models import Organization
from partners.reviews.models import Kind, Review
from partners.subscriptions.digest import digest_of
from partners.subscriptions.models import AccessRequest, Tier
from tests.factories.catalog import PlanFactory
from tests.factories.people import UserFactory

PURPOSE = "To tell the tide."


def fill_inbox(*, partners: int, each: int) -> None:
    """Write an application of each partner and so many wishes for access, all at once."""
    now, asker = timezone.now(), UserFactory()
    plans = [PlanFactory(code=f"plan-{number}") for number in range(each)]
    organizations = Organization.objects.bulk_create(
        Organization(
            name=f"Harbour {number}",
            slug=f"harbour-{number}",
            country="LT",
            status=Organization.Status.APPROVED,
            approved_at=now,
        )
        for number in range(partners)
    )
    applications = Application.objects.bulk_create(
        Application(organization=one, slug=f"{one.slug}-app", name="Tide", tagline="Tells the tide")
        for one in organizations
    )
    clients = Client.objects.bulk_create(
        Client(
            application=one,
            environment=Environment.PRODUCTION,
            client_id=f"app_full_{number:08x}",
            client_type=Client.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Client.GRANT_AUTHORIZATION_CODE,
        )
        for number, one in enumerate(applications)
    )
    requests = AccessRequest.objects.bulk_create(
        _request(client, plan, asker.pk, number)
        for client in clients
        for number, plan in enumerate(plans)
    )
    Review.objects.bulk_create(
        Review(
            kind=Kind.ACCESS,
            organization=request.client.application.organization,
            access_request=request,
            tier=request.tier,
            depth=2,
            quorum=2 if request.tier >= Tier.HIGH else 1,
            opened_at=request.requested_at,
            due_at=request.requested_at + timedelta(days=2),
        )
        for request in requests
    )


def _request(client: Client, plan: Plan, asker_id: int, number: int) -> AccessRequest:
    return AccessRequest(
        client=client,
        plan=plan,
        digest=digest_of(
            application="Tide",
            redirect_uris=[],
            uses=[],
            plan=f"{plan.api.slug}/{plan.code}",
            purpose=PURPOSE,
        ),
        purpose=PURPOSE,
        tier=list(Tier)[number % 4],
        requested_by_id=asker_id,
        requested_at=timezone.now() - timedelta(hours=(client.pk * 7 + number) % 96),
    )
