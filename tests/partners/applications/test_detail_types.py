"""R5: the page on which developers say which single cases a client asks for."""

from __future__ import annotations

import pytest

from partners.applications.models import Application, Client
from portal.access.actors import Role
from portal.events.models import Event
from tests.factories.catalog import DetailTypeFactory, ScopeFactory
from tests.factories.partners import ClientFactory, DataUseFactory
from tests.factories.people import member
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
KIND = "partners.client.detail_types_named"


@pytest.fixture
def kept() -> Client:
    """Return a client whose scope has two types of cases, and a type of somebody else's scope."""
    client = ClientFactory()
    scope = ScopeFactory(name="pay:write")
    DataUseFactory(application=client.application, scope=scope)
    DetailTypeFactory(name="one_payment", title="Pay once", scope_name=scope.name)
    DetailTypeFactory(name="budget", title="Pay up to a limit", scope_name=scope.name)
    DetailTypeFactory(name="elsewhere", scope_name="other:write")
    return client


@pytest.fixture
def page(kept) -> str:
    return f"/apps/{kept.application.slug}/sandbox/cases/"


def test_a_developer_chooses_among_the_types_of_the_own_scopes(client, kept, page):
    sign_in(client, member(kept.application.organization, Role.DEVELOPER))
    html = client.get(page).content.decode()
    assert "Pay once" in html
    assert "elsewhere" not in html

    answer = client.post(page, {"types": ["one_payment"]})

    assert answer.status_code == 302
    kept.refresh_from_db()
    assert kept.authorization_details_types == ["one_payment"]
    assert "checked" in client.get(page).content.decode()
    told = client.get(f"/apps/{kept.application.slug}/").content.decode()
    assert "Of these types only" in told
    assert page in told


def test_choosing_none_lets_it_ask_for_any(client, kept, page):
    Client.objects.update(authorization_details_types=["budget"])
    sign_in(client, member(kept.application.organization, Role.OWNER))

    client.post(page, {})

    kept.refresh_from_db()
    assert kept.authorization_details_types == []
    told = client.get(f"/apps/{kept.application.slug}/").content.decode()
    assert "Of any that its scopes have." in told


def test_a_type_that_was_no_choice_is_refused_beside_the_field(client, kept, page):
    sign_in(client, member(kept.application.organization, Role.OWNER))

    answer = client.post(page, {"types": ["elsewhere"]})

    assert answer.status_code == 422
    assert not Event.objects.filter(kind=KIND).exists()


def test_who_may_only_look_sees_no_form(client, kept, page):
    Client.objects.update(authorization_details_types=["budget"])
    sign_in(client, member(kept.application.organization, Role.VIEWER))

    html = client.get(page).content.decode()

    assert "budget" in html
    assert 'name="types"' not in html
    assert client.post(page, {"types": []}).status_code == 403


def test_an_application_without_such_scopes_is_told_so(client):
    found = ClientFactory()
    sign_in(client, member(found.application.organization, Role.OWNER))

    html = client.get(f"/apps/{found.application.slug}/sandbox/cases/").content.decode()

    assert "None of the scopes that this application asks for has single cases." in html


def test_a_closed_application_chooses_no_more(client, kept, page):
    Application.objects.update(status="closed", closed_at="2026-01-01T00:00Z")
    sign_in(client, member(kept.application.organization, Role.OWNER))

    assert 'name="types"' not in client.get(page).content.decode()
