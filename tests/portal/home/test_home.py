from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from consent.arrangements.models import Customer
from consent.gateway import usage
from consent.gateway.decision import Reason
from partners.organizations.models import Organization
from portal.access.actors import Role
from tests.factories.partners import (
    ApplicationFactory,
    ClientFactory,
    OrganizationFactory,
    SubscriptionFactory,
)
from tests.factories.people import UserFactory, member, staff, user_of
from tests.factories.questionnaires import assigned

pytestmark = pytest.mark.django_db


def text(answer):
    return " ".join(answer.content.decode().split())


def home_of(client, user):
    client.force_login(user)
    return client.get("/home/")


def test_a_visitor_signs_in_first(client):
    assert client.get("/home/")["Location"] == "/sign-in/?next=/home/"


def test_a_person_without_an_organization_is_shown_the_way_to_one(client):
    page = text(home_of(client, UserFactory(name="Bruno Silva")))

    assert "Welcome, Bruno" in page
    assert "Start in the sandbox" in page


def test_a_partner_sees_how_many_steps_are_left(client):
    organization = OrganizationFactory(name="Kestrel Coach")

    page = text(home_of(client, user_of(member(organization, Role.OWNER))))

    assert "6 steps away" in page
    assert "Create your organisation" in page


def test_a_partner_whose_access_is_open_has_less_to_do(client):
    application = ApplicationFactory(live=True)
    client_ = SubscriptionFactory(client__application=application, client__environment="production")
    assert client_.client.application == application

    page = text(home_of(client, user_of(member(application.organization, Role.DEVELOPER))))

    assert application.name in page
    assert "<h3> Make your first live call" in page
    assert page.count('data-state="done"') == 5


def test_a_partner_sees_how_far_the_questionnaire_is(client):
    assignment = assigned()

    page = text(home_of(client, user_of(member(assignment.organization, Role.OWNER))))

    assert f"0 of {len(assignment.version.content.visible({}))} questions answered." in page


@pytest.mark.parametrize(("reason", "done_count"), [(Reason.ALLOWED, 3), (Reason.TOKEN_EXPIRED, 2)])
def test_a_sandbox_call_counts_when_it_was_answered(client, reason, done_count):
    caller = ClientFactory()
    usage.count_decision(caller.pk, "prescriptions/v1/listPharmacies", reason, at=timezone.now())
    owner = member(caller.application.organization, Role.OWNER)
    Organization.objects.update(status="registered", approved_at=None)

    page = text(home_of(client, user_of(owner)))

    assert page.count('data-state="done"') == done_count


def test_a_paused_organization_is_told(client):
    organization = OrganizationFactory(
        approved=True, status="suspended", suspended_at=timezone.now()
    )

    assert "We suspended your organisation" in text(
        home_of(client, user_of(member(organization, Role.OWNER)))
    )


def test_a_partner_never_sees_the_applications_of_another(client):
    ApplicationFactory(name="Somebody else's")
    organization = OrganizationFactory(joined_at=timezone.now() - timedelta(days=2))

    page = text(home_of(client, user_of(member(organization, Role.OWNER))))

    assert "Somebody else" not in page


def test_staff_are_led_to_the_console(client, reachable):
    reachable("reviews:queue", "/console/")

    assert home_of(client, user_of(staff(Role.REVIEWER)))["Location"] == "/console/"


def test_a_customer_is_led_to_the_connected_apps(client, reachable):
    reachable("arrangements:list", "/me/apps/")
    customer = Customer.objects.create(user=UserFactory())

    assert home_of(client, customer.user)["Location"] == "/me/apps/"


@pytest.fixture
def reachable(monkeypatch):
    """Say that a page exists, whether or not its slice has it yet."""

    def add(name, address):
        known = {name: address}
        monkeypatch.setattr("portal.home.views.address", lambda page: known.get(page, ""))

    return add


def test_a_partner_home_asks_as_often_for_many_applications(client, django_assert_max_num_queries):
    organization = OrganizationFactory(approved=True)
    ApplicationFactory.create_batch(8, organization=organization)
    user = user_of(member(organization, Role.OWNER))
    client.force_login(user)

    with django_assert_max_num_queries(12):
        client.get("/home/")
