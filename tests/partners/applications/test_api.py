from __future__ import annotations

import pytest

from partners.applications.models import Application
from portal.access.actors import Role
from tests.factories.partners import ApplicationFactory, ClientFactory, OrganizationFactory
from tests.factories.people import member, staff
from tests.factories.vocabulary import published_api
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def organization():
    return OrganizationFactory(approved=True)


def body(organization, **changes):
    use = {
        "scope": "things:read",
        "purpose": "things-reminders",
        "why": "to remind you before you run out.",
        "is_required": True,
        "retention_days": 30,
    }
    return {
        "organization": organization.slug,
        "name": "Halden Refill",
        "tagline": "Never run out",
        "redirect_uris": ["https://app.example/callback"],
        "uses": [use],
    } | changes


def test_registering_answers_with_the_sandbox_client(client, organization):
    published_api()
    sign_in(client, member(organization, Role.DEVELOPER))

    response = client.post("/api/v1/applications", body(organization), content_type=JSON)

    assert response.status_code == 201
    answer = response.json()
    assert answer["slug"] == "halden-refill"
    assert answer["clients"][0]["redirect_uris"] == ["https://app.example/callback"]
    assert answer["uses"][0]["purpose"] == "things-reminders"
    assert client.get("/api/v1/applications/halden-refill").json() == answer
    again = client.post("/api/v1/applications", body(organization), content_type=JSON)
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "a\x00b"}, "invalid"),
        ({"name": None}, "invalid"),
        ({"redirect_uris": ["http://app.example/"]}, "invalid"),
        ({"redirect_uris": ["https://app.example/"] * 2}, "invalid"),
        ({"redirect_uris": "https://app.example/"}, "invalid"),
        ({"redirect_uris": [{"a": 1}]}, "invalid"),
        ({"privacy_url": "http://halden.example"}, "invalid"),
        ({"uses": [{"scope": "unheard:of"}]}, "scope_unknown"),
        ({"uses": [{"scope": "things:read", "retention_days": 10**30}]}, "invalid"),
        ({"uses": {"scope": "things:read"}}, "invalid"),
    ],
)
def test_bad_input_is_refused_with_a_stable_code(client, organization, change, code):
    published_api()
    sign_in(client, member(organization, Role.DEVELOPER))

    response = client.post("/api/v1/applications", body(organization, **change), content_type=JSON)

    assert response.status_code in {400, 422}
    assert response.json()["code"] == code
    assert response["Content-Type"] == "application/problem+json"
    assert not Application.objects.exists()


def test_the_list_holds_only_what_the_caller_may_see_and_costs_the_same(
    client, organization, django_assert_max_num_queries
):
    for _ in range(6):
        ClientFactory(application__organization=organization)
    ApplicationFactory()
    sign_in(client, member(organization, Role.VIEWER))

    with django_assert_max_num_queries(10):
        answer = client.get("/api/v1/applications").json()

    assert len(answer["results"]) == 6


def test_a_foreign_application_is_not_there(client):
    application = ClientFactory().application
    sign_in(client, member(OrganizationFactory(), Role.OWNER))

    for part in ("", "/suspension", "/credentials", "/access-requests"):
        address = f"/api/v1/applications/{application.slug}{part}"
        answer = client.post(address, {}, content_type=JSON) if part else client.get(address)
        assert answer.status_code == 404, address
        assert answer.json()["code"] == "not_found"


def test_without_a_session_nothing_is_answered(client):
    assert client.get("/api/v1/applications").status_code == 403


def test_a_secret_is_in_one_answer_that_nobody_stores(client, organization):
    sandbox = ClientFactory(application__organization=organization)
    sign_in(client, member(organization, Role.DEVELOPER))
    address = f"/api/v1/applications/{sandbox.application.slug}/credentials"

    response = client.post(address, {"environment": "sandbox"}, content_type=JSON)

    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    assert response.json()["client_secret"].startswith("mrs_")
    past = {"environment": "sandbox", "expires_at": "2001-01-01T00:00:00Z"}
    assert client.post(address, past, content_type=JSON).json()["code"] == "ends_in_the_past"
    live = {"environment": "production"}
    assert client.post(address, live, content_type=JSON).status_code == 404


def test_a_secret_needs_a_recent_login(client, organization):
    sandbox = ClientFactory(application__organization=organization)
    sign_in(client, member(organization, Role.DEVELOPER), fresh=False)

    response = client.post(
        f"/api/v1/applications/{sandbox.application.slug}/credentials",
        {"environment": "sandbox"},
        content_type=JSON,
    )

    assert (response.status_code, response.json()["code"]) == (403, "recent_login_required")
    assert not sandbox.credentials.exists()


def test_staff_suspend_and_members_do_not(client, organization):
    application = ApplicationFactory(organization=organization, live=True)
    address = f"/api/v1/applications/{application.slug}/suspension"
    sign_in(client, member(organization, Role.OWNER))
    assert client.post(address, {"reason": "-"}, content_type=JSON).status_code == 403

    sign_in(client, staff(Role.SECURITY))
    assert client.post(address, {}, content_type=JSON).json()["code"] == "invalid"
    assert client.post(address, {"reason": "A leak."}, content_type=JSON).status_code == 204
    assert client.post(address, {"reason": "A leak."}, content_type=JSON).status_code == 409
    application.refresh_from_db()
    assert application.status == Application.Status.SUSPENDED
