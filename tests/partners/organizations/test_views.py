from __future__ import annotations

import pytest

from partners.organizations.actions import join
from partners.organizations.actors import actor_of
from partners.organizations.models import Membership, Organization
from portal.access.actors import Role
from portal.errors import NotAllowed
from tests.factories.consent import CustomerFactory
from tests.factories.partners import ApplicationFactory, OrganizationFactory
from tests.factories.people import UserFactory, member, staff, user_of
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Halden Health",
    "country": "NO",
    "city": "Oslo",
    "website": "https://halden.example",
    "sector": "health",
}


def test_a_person_joins_with_an_organization(client):
    user = UserFactory()
    client.force_login(user)

    assert client.get("/join/").status_code == 200
    response = client.post("/join/", FORM)

    assert response.status_code == 302
    assert response.url == "/home/"
    assert Organization.objects.get().slug == "halden-health"
    assert Membership.objects.get().user == user
    assert client.get("/join/").status_code == 302


@pytest.mark.parametrize("kind", ["staff", "customer"])
def test_an_account_of_staff_or_of_a_customer_brings_no_organization_in(client, kind):
    user = user_of(staff(Role.REVIEWER)) if kind == "staff" else CustomerFactory().user
    client.force_login(user)

    for response in (client.get("/join/"), client.post("/join/", FORM)):
        assert response.status_code == 403
        assert "Sign up with another email address" in response.content.decode()
    with pytest.raises(NotAllowed) as refusal:
        join(user, by=actor_of(user), **FORM)
    assert refusal.value.code == "account_in_use"
    assert not Organization.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "a" * 81},
        {"name": "Hal\x00den"},
        {"name": "Hal\u202eden"},
        {"country": "XX"},
        {"website": "javascript:alert(1)"},
        {"website": "http://halden.example"},
        {"sector": "piracy"},
        {"city": "a" * 61},
    ],
)
def test_bad_input_is_explained_beside_its_field(client, change):
    client.force_login(UserFactory())

    response = client.post("/join/", FORM | change)

    assert response.status_code == 200
    assert next(iter(change)) in response.context["form"].errors
    assert not Organization.objects.exists()


@pytest.mark.parametrize(
    "address", ["/join/", "/team/", "/settings/", "/console/partners/", "/console/partners/x/"]
)
def test_a_visitor_is_asked_to_sign_in(client, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response.url.startswith("/sign-in/?next=")


def test_the_team_is_listed_in_few_queries(client, django_assert_max_num_queries):
    organization = OrganizationFactory(name="Halden Health")
    members = [member(organization, Role.OWNER, Role.DEVELOPER) for _ in range(8)]
    sign_in(client, members[0])

    with django_assert_max_num_queries(9):
        html = client.get("/team/").content.decode()

    for each in members:
        assert each.name in html
    assert "Security contact" in html


def test_a_person_without_an_organization_has_no_team(client):
    client.force_login(UserFactory())

    assert client.get("/team/").status_code == 404
    assert client.get("/settings/").status_code == 404


def test_an_owner_changes_the_profile_and_a_developer_reads_it(client):
    organization = OrganizationFactory(name="Halden Health")
    sign_in(client, member(organization, Role.OWNER))
    assert client.post("/settings/", FORM).status_code == 302
    organization.refresh_from_db()
    assert (organization.city, organization.name) == ("Oslo", "Halden Health")

    sign_in(client, member(organization, Role.DEVELOPER))
    assert "Save profile" not in client.get("/settings/").content.decode()
    assert client.post("/settings/", FORM).status_code == 403


def test_the_directory_is_for_staff_and_costs_the_same_for_many(
    client, django_assert_max_num_queries
):
    for organization in OrganizationFactory.create_batch(12, approved=True):
        ApplicationFactory(organization=organization)
    sign_in(client, staff(Role.REVIEWER))

    with django_assert_max_num_queries(9):
        html = client.get("/console/partners/").content.decode()

    assert html.count("/console/partners/partner-") == 12
    assert client.get("/console/partners/?q=zzz&status=nonsense&page=x").status_code == 200
    sign_in(client, member(OrganizationFactory(), Role.OWNER))
    assert client.get("/console/partners/").status_code == 404


def test_security_suspends_and_reinstates_with_a_reason(client):
    organization = OrganizationFactory(approved=True)
    address = f"/console/partners/{organization.slug}/"
    sign_in(client, staff(Role.SECURITY))

    assert client.post(f"{address}suspension/", {"reason": ""}).status_code == 200
    assert client.post(f"{address}suspension/", {"reason": "A leak."}).status_code == 302
    assert "Reinstate" in client.get(address).content.decode()
    assert client.post(f"{address}suspension/", {"reason": "Again."}).status_code == 409
    assert client.post(f"{address}reinstatement/").status_code == 302
    organization.refresh_from_db()
    assert organization.status == Organization.Status.APPROVED


def test_a_reviewer_sees_a_partner_but_may_not_stop_it(client):
    organization = OrganizationFactory(approved=True)
    reviewer = staff(Role.REVIEWER)
    address = f"/console/partners/{organization.slug}/"
    sign_in(client, reviewer)

    assert user_of(reviewer).name in client.get(address).content.decode()
    assert client.post(f"{address}suspension/", {"reason": "-"}).status_code == 403
    assert client.get("/console/partners/nobody/").status_code == 404


def test_names_are_escaped(client):
    organization = OrganizationFactory(name="<script>alert(1)</script>", approved=True)
    sign_in(client, staff(Role.ADMIN))

    html = client.get(f"/console/partners/{organization.slug}/").content.decode()

    assert "<script>alert" not in html
