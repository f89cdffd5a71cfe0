from __future__ import annotations

import pytest
from django.utils import timezone

from consent.gateway.decision import Reason
from consent.gateway.usage import count_decision
from portal.access.actors import Role
from tests.factories.partners import ClientFactory
from tests.factories.people import UserFactory, member, user_of

pytestmark = pytest.mark.django_db


def test_a_partner_sees_the_own_calls_and_nobody_elses(client):
    mine, other = ClientFactory(), ClientFactory()
    now = timezone.now()
    for _ in range(3):
        count_decision(mine.pk, "things/v1/list", Reason.ALLOWED, at=now)
    count_decision(mine.pk, "things/v1/list", Reason.CONSENT_WITHDRAWN, at=now)
    count_decision(other.pk, "secret/v1/list", Reason.ALLOWED, at=now)
    client.force_login(user_of(member(mine.application.organization, Role.DEVELOPER)))

    page = client.get("/usage/").content.decode()

    assert "things/v1/list" in page
    assert "consent_withdrawn" in page
    assert "25.0" in page
    assert "secret/v1/list" not in page


def test_without_a_call_the_page_says_what_will_be_here(client):
    organization = ClientFactory().application.organization
    client.force_login(user_of(member(organization, Role.DEVELOPER)))

    assert "No calls yet" in client.get("/usage/").content.decode()


@pytest.mark.parametrize("days", ["0", "x", "9999999999", "-1", "\x00"])
def test_a_period_nobody_offers_is_the_usual_one(client, days):
    organization = ClientFactory().application.organization
    client.force_login(user_of(member(organization, Role.DEVELOPER)))

    assert client.get("/usage/", {"days": days}).status_code in {200, 400}


def test_the_table_downloads_as_csv(client):
    mine = ClientFactory()
    count_decision(mine.pk, "things/v1/list", Reason.ALLOWED, at=timezone.now())
    client.force_login(user_of(member(mine.application.organization, Role.DEVELOPER)))

    response = client.get("/usage/?format=csv")

    assert response["Content-Type"].startswith("text/csv")
    assert f"{mine.application.name},things/v1/list,1,0" in response.content.decode()


def test_visitors_sign_in_and_people_without_an_organization_make_one(client):
    assert client.get("/usage/").url == "/sign-in/?next=/usage/"

    client.force_login(UserFactory())

    assert client.get("/usage/").url == "/join/"
