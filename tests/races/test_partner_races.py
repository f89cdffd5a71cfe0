"""Real threads on real PostgreSQL: limits hold when several people press at once."""

from __future__ import annotations

from functools import partial

import pytest
from django.db import IntegrityError
from django.utils import timezone

from partners.applications.actions import NameTaken, issue_credential, register_application
from partners.applications.models import Application
from partners.organizations.actions import join
from partners.organizations.actors import actor_of
from partners.organizations.members import leave
from partners.organizations.models import Organization
from partners.subscriptions.actions import approve_access
from partners.subscriptions.models import AccessRequest, Subscription
from portal.access.actors import Role
from portal.accounts.actions import give_role
from portal.errors import Conflict, NotAllowed
from portal.events.models import Event
from tests.factories.partners import ClientFactory, OrganizationFactory
from tests.factories.people import UserFactory, member, staff
from tests.partners.subscriptions.test_actions import World
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def refusals(results):
    return sorted(result.code for result in results if isinstance(result, Conflict))


def test_five_people_make_two_secrets():
    client = ClientFactory()
    developer = member(client.application.organization, Role.DEVELOPER)

    results = at_once(*[partial(issue_credential, client, by=developer)] * 5)

    assert client.credentials.live(at=timezone.now()).count() == 2
    assert refusals(results) == ["too_many_secrets"] * 3


def test_four_people_ask_once():
    world = World()

    results = at_once(*[world.ask] * 4)

    assert AccessRequest.objects.count() == 1
    assert world.application.clients.count() == 2
    assert refusals(results) == ["request_open"] * 3


def test_two_approvals_give_one_subscription():
    world = World()
    asked = world.ask().pk
    reviewers = [staff(Role.REVIEWER), staff(Role.SECURITY)]

    results = at_once(
        *(
            partial(approve_access, AccessRequest.objects.get(pk=asked), by=reviewer)
            for reviewer in reviewers
        )
    )

    assert Subscription.objects.count() == 1
    assert len(refusals(results)) == 1
    assert Event.objects.filter(kind="partners.subscription.activated").count() == 1


def test_one_name_is_taken_once_in_an_organization():
    organization = OrganizationFactory()
    developer = member(organization, Role.DEVELOPER)
    register = partial(
        register_application,
        organization,
        by=developer,
        name="Halden Refill",
        tagline="-",
        redirect_uris=[],
        uses=[],
    )

    results = at_once(*[register] * 4)

    assert Application.objects.count() == 1
    assert sum(isinstance(result, NameTaken) for result in results) == 3


def test_partners_of_one_name_who_join_at_once_all_get_an_address():
    users = UserFactory.create_batch(4)
    profile = {"country": "NO", "city": "", "website": "", "sector": "health"}

    at_once(
        *(partial(join, user, by=actor_of(user), name="Halden Health", **profile) for user in users)
    )

    assert len(set(Organization.objects.values_list("slug", flat=True))) == 4


def test_of_two_owners_who_leave_at_once_one_stays():
    organization = OrganizationFactory()
    owners = [member(organization, Role.OWNER) for _ in range(2)]

    results = at_once(*(partial(leave, organization, by=owner) for owner in owners))

    assert refusals(results) == ["owner_stays"]
    assert organization.memberships.count() == 1


def test_nobody_becomes_staff_and_a_partner_at_the_same_instant():
    user, boss = UserFactory(), staff(Role.ADMIN)
    profile = {"country": "LT", "city": "", "website": "", "sector": ""}

    def begin(deed):
        try:
            return deed()
        except (IntegrityError, NotAllowed):
            return Conflict("too late", code="too_late")

    results = at_once(
        partial(begin, partial(give_role, user, Role.REVIEWER, by=boss)),
        partial(begin, partial(join, user, by=actor_of(user), name="Both", **profile)),
    )

    assert refusals(results) == ["too_late"]
    assert user.memberships.count() + user.staff_roles.count() == 1
