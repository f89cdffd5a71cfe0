from __future__ import annotations

import re

import pytest

from catalog.plans.models import Environment
from catalog.scopes.models import Scope
from partners.applications.actions import issue_credential
from partners.applications.models import Application, Credential
from portal.access.actors import Role
from tests.factories.catalog import OperationFactory
from tests.factories.partners import (
    ApplicationFactory,
    ClientFactory,
    DataUseFactory,
    OrganizationFactory,
)
from tests.factories.people import UserFactory, member, staff
from tests.factories.vocabulary import published_api
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
SECRET = re.compile(r"mrs_[A-Za-z0-9_-]{40,}")
FORM = {
    "name": "Halden Refill",
    "tagline": "Never run out",
    "redirect_uris": "https://app.example/a\r\n\r\n https://app.example/b ",
    "homepage_url": "",
    "privacy_url": "https://halden.example/privacy",
}


@pytest.fixture
def organization():
    return OrganizationFactory(approved=True)


@pytest.fixture
def developer(organization):
    return member(organization, Role.DEVELOPER)


def use_of(name="things:read", **changes):
    prefix = f"scope-{Scope.objects.get(name=name).pk}"
    answers = {
        "is_wanted": "on",
        "purpose": "things-reminders",
        "why": "to remind you before you run out.",
        "is_required": "yes",
        "retention_days": "30",
    }
    return {f"{prefix}-{key}": value for key, value in {**answers, **changes}.items()}


def test_registering_shows_the_secret_once_and_a_first_call(client, developer):
    api = published_api()
    OperationFactory(
        version__api=api, version__published=True, path="/list", scopes=["things.list:read"]
    )
    sign_in(client, developer)
    assert "things:read" in client.get("/apps/new/").content.decode()

    response = client.post(
        "/apps/new/", FORM | use_of() | use_of("things.list:read", purpose="", why="")
    )

    html = response.content.decode()
    secret = SECRET.search(html)[0]
    application = Application.objects.get()
    sandbox = application.clients.get()
    assert sandbox.redirect_uris == "https://app.example/a https://app.example/b"
    assert application.data_uses.get(scope__name="things:read").retention_days == 30
    assert "no-store" in response["Cache-Control"]
    assert f"{sandbox.client_id}:{secret}" in html
    assert "grant_type=client_credentials" in html
    assert "/sandbox/things/v1/list" in html
    assert secret not in client.get(application.get_absolute_url()).content.decode()
    assert secret not in str(dict(client.session))
    again = client.post("/apps/new/", FORM)
    assert again.status_code == 200
    assert "name" in again.context["form"].errors
    assert Credential.objects.count() == 1


def test_without_an_open_scope_the_first_call_begins_with_a_customer(client, developer):
    published_api()
    sign_in(client, developer)

    html = client.post("/apps/new/", FORM | use_of()).content.decode()

    assert "/oauth/authorize?response_type=code" in html
    assert "scope=things%3Aread" in html


def test_what_is_not_wanted_does_not_count(client, developer):
    published_api()
    sign_in(client, developer)
    hidden = use_of(retention_days="900", why="x" * 300, purpose="nonsense", is_required="maybe")
    hidden.pop(next(key for key in hidden if key.endswith("is_wanted")))

    client.post("/apps/new/", FORM | hidden)

    assert not Application.objects.get().data_uses.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Hal\x00den"}, "name"),
        ({"tagline": "a" * 121}, "tagline"),
        ({"redirect_uris": ""}, "redirect_uris"),
        ({"redirect_uris": "https://a.example/\x00"}, "redirect_uris"),
        ({"redirect_uris": "http://app.example/"}, "redirect_uris"),
        ({"redirect_uris": "https://*.example/"}, "redirect_uris"),
        (
            {"redirect_uris": "\n".join(f"https://a.example/{n}" for n in range(11))},
            "redirect_uris",
        ),
        ({"privacy_url": "ftp://halden.example"}, "privacy_url"),
    ],
)
def test_bad_input_is_explained_and_kept(client, developer, change, field):
    sign_in(client, developer)

    response = client.post("/apps/new/", FORM | change)

    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"purpose": ""}, "purpose"),
        ({"purpose": "nonsense"}, "purpose"),
        ({"why": ""}, "why"),
        ({"why": "a\x00b"}, "why"),
        ({"retention_days": "91"}, "retention_days"),
        ({"retention_days": "-1"}, "retention_days"),
        ({"retention_days": "9" * 400}, "retention_days"),
        ({"is_required": "maybe"}, "is_required"),
    ],
)
def test_a_bad_use_is_explained(client, developer, change, field):
    published_api()
    sign_in(client, developer)

    response = client.post("/apps/new/", FORM | use_of(**change))

    forms = {form.scope.name: form for group in response.context["groups"] for form in group.uses}
    assert field in forms["things:read"].errors
    assert not Application.objects.exists()


def test_a_person_without_an_organization_creates_one_first(client):
    client.force_login(UserFactory())

    assert client.get("/apps/").url == "/join/"
    assert client.get("/apps/new/").url == "/join/"


def test_a_viewer_reads_but_does_not_change(client, organization):
    application = ApplicationFactory(organization=organization)
    sandbox = ClientFactory(application=application)
    sign_in(client, member(organization, Role.VIEWER))
    home = application.get_absolute_url()

    assert client.get("/apps/new/").status_code == 403
    assert client.get(home).status_code == 200
    for part in ("redirects/", "scopes/", "close/"):
        assert client.get(home + part).status_code == 403
    response = client.post(f"{home}sandbox/credentials/", {"after": "0"})
    assert response.status_code == 403
    assert not sandbox.credentials.exists()


def addresses(application):
    home = f"/apps/{application.slug}/"
    return [
        home,
        f"{home}redirects/",
        f"{home}scopes/",
        f"{home}close/",
        f"{home}sandbox/credentials/",
        f"{home}sandbox/credentials/1/revoke/",
        f"{home}requests/",
        f"{home}requests/REQ-0001/",
    ]


def test_a_foreign_application_is_not_there(client):
    application = ClientFactory().application
    sign_in(client, member(OrganizationFactory(), Role.OWNER))

    for address in addresses(application):
        assert client.get(address).status_code == 404, address
        assert client.post(address).status_code in {404, 405}, address


def test_a_visitor_is_asked_to_sign_in(client):
    for address in ["/apps/", "/apps/new/", *addresses(ClientFactory().application)]:
        response = client.get(address)
        assert response.status_code == 302, address
        assert response.url.startswith("/sign-in/?next="), address


def test_a_secret_is_shown_once_and_a_reload_makes_no_second_one(client, organization, developer):
    application = ApplicationFactory(organization=organization)
    sandbox = ClientFactory(application=application)
    sign_in(client, developer)
    address = f"/apps/{application.slug}/sandbox/credentials/"
    after = client.get(address).context["form"].initial["after"]

    shown = client.post(address, {"after": after})
    reloaded = client.post(address, {"after": after}, follow=True)

    assert SECRET.search(shown.content.decode())
    assert "no-store" in shown["Cache-Control"]
    assert not SECRET.search(reloaded.content.decode())
    assert "shown once" in reloaded.content.decode()
    assert sandbox.credentials.count() == 1
    for bad in ("", "x", "-1", "9" * 300):
        assert client.post(address, {"after": bad}).status_code == 302
    assert sandbox.credentials.count() == 1


def test_making_a_secret_asks_for_the_password_again(client, organization, developer):
    sandbox = ClientFactory(application__organization=organization)
    sign_in(client, developer, fresh=False)

    response = client.post(f"/apps/{sandbox.application.slug}/sandbox/credentials/", {"after": "0"})

    assert response.status_code == 302
    assert not sandbox.credentials.exists()
    answer = client.post(response.url, {"password": "a long enough password"})
    assert SECRET.search(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    assert sandbox.credentials.count() == 1


def test_revoking_tells_what_it_means_and_does_it(client, organization, developer):
    sandbox = ClientFactory(application__organization=organization)
    credential, _ = issue_credential(sandbox, by=developer)
    sign_in(client, developer)
    address = f"/apps/{sandbox.application.slug}/sandbox/credentials/{credential.pk}/revoke/"

    assert "was never used" in client.get(address).content.decode()
    assert client.post(address, {"reason": "bored"}).status_code == 200
    assert client.post(address, {"reason": "leaked"}).status_code == 302
    credential.refresh_from_db()
    assert credential.revoked_at is not None
    assert client.get(address).status_code == 404


def test_a_secret_of_another_application_is_not_revoked(client, organization, developer):
    mine = ClientFactory(application__organization=organization)
    foreign = ClientFactory()
    credential, _ = issue_credential(
        foreign, by=member(foreign.application.organization, Role.DEVELOPER)
    )
    sign_in(client, developer)

    response = client.post(
        f"/apps/{mine.application.slug}/sandbox/credentials/{credential.pk}/revoke/",
        {"reason": "leaked"},
    )

    assert response.status_code == 404


@pytest.mark.parametrize("environment", ["live", "nonsense", "production"])
def test_an_environment_that_is_not_there_is_not_found(
    client, organization, developer, environment
):
    sandbox = ClientFactory(application__organization=organization)
    sign_in(client, developer)

    address = f"/apps/{sandbox.application.slug}/{environment}/credentials/"

    assert client.get(address).status_code == 404


def test_redirect_uris_and_scopes_can_be_changed(client, organization, developer):
    published_api()
    sandbox = ClientFactory(application__organization=organization)
    home = sandbox.application.get_absolute_url()
    sign_in(client, developer)

    assert client.post(f"{home}redirects/", {"redirect_uris": "nonsense"}).status_code == 200
    response = client.post(f"{home}redirects/", {"redirect_uris": "https://new.example/"})
    assert response.status_code == 302
    assert client.post(f"{home}scopes/", use_of()).status_code == 302

    sandbox.refresh_from_db()
    assert sandbox.redirect_uris == "https://new.example/"
    assert sandbox.application.data_uses.get().why == "to remind you before you run out."
    assert "to remind you before" in client.get(f"{home}scopes/").content.decode()
    assert client.get(f"{home}redirects/?environment=production").status_code == 404
    assert client.get(f"{home}?environment=%22%3E").status_code == 200


def test_an_application_is_closed_by_its_name(client, organization, developer):
    sandbox = ClientFactory(application__organization=organization)
    home = sandbox.application.get_absolute_url()
    sign_in(client, developer)

    assert client.post(f"{home}close/", {"name": "Other"}).status_code == 200
    assert client.post(f"{home}close/", {"name": sandbox.application.name}).status_code == 302
    assert Application.objects.get().status == Application.Status.CLOSED
    assert client.get(home).status_code == 200


@pytest.mark.parametrize("environment", list(Environment))
def test_the_overview_costs_the_same_for_many_scopes(
    client, organization, developer, environment, django_assert_max_num_queries
):
    application = ApplicationFactory(organization=organization, live=True)
    one = ClientFactory(application=application, environment=environment)
    for _ in range(2):
        issue_credential(one, by=developer)
    for name in "abcdef":
        published_api(name)
        DataUseFactory(application=application, scope=Scope.objects.get(name=f"{name}:read"))
    sign_in(client, developer)

    with django_assert_max_num_queries(20):
        html = client.get(f"{application.get_absolute_url()}?environment={environment}")

    assert one.client_id in html.content.decode()


def test_the_list_costs_the_same_for_many(
    client, organization, developer, django_assert_max_num_queries
):
    for application in ApplicationFactory.create_batch(8, organization=organization):
        DataUseFactory(application=application)
    ApplicationFactory(name="Not ours")
    sign_in(client, developer)

    with django_assert_max_num_queries(10):
        html = client.get("/apps/").content.decode()

    assert html.count("1 scope") == 8
    assert "Not ours" not in html


def test_staff_find_and_stop_an_application(client, django_assert_max_num_queries):
    applications = ApplicationFactory.create_batch(6)
    sandbox = ClientFactory(application=applications[0])
    sign_in(client, staff(Role.SECURITY))

    with django_assert_max_num_queries(9):
        client.get("/console/applications/")
    address = f"/console/applications/{sandbox.application.slug}/"
    assert sandbox.client_id in client.get(address).content.decode()
    assert client.post(address, {"reason": ""}).status_code == 200
    assert client.post(address, {"reason": "A leak."}).status_code == 302
    assert "Reinstate" in client.get(address).content.decode()
    assert client.post(address, {"reason": "Again."}).status_code == 409
    assert client.post(f"{address}reinstatement/").status_code == 302
    assert Application.objects.get(pk=applications[0].pk).status == Application.Status.SANDBOX


def test_the_console_is_hidden_from_partners_and_its_switch_from_reviewers(client, developer):
    application = ClientFactory().application
    address = f"/console/applications/{application.slug}/"
    sign_in(client, developer)
    assert client.get(address).status_code == 404
    assert client.get("/console/applications/").status_code == 404

    sign_in(client, staff(Role.REVIEWER))
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": "-"}).status_code == 403
    assert client.post(f"{address}reinstatement/").status_code == 403


def test_a_live_application_opens_where_it_works(client, organization, developer):
    application = ApplicationFactory(organization=organization, live=True)
    sandbox = ClientFactory(application=application)
    live = ClientFactory(application=application, environment=Environment.PRODUCTION)
    sign_in(client, developer)
    home = application.get_absolute_url()

    assert client.get(home).context["client"] == live
    assert client.get(f"{home}?environment=sandbox").context["client"] == sandbox

    Application.objects.update(status=Application.Status.SANDBOX)

    assert client.get(home).context["client"] == sandbox


def test_the_scopes_of_an_api_unfold_when_one_of_them_is_wanted(client, organization, developer):
    application = ApplicationFactory(organization=organization)
    ClientFactory(application=application)
    for name in "ab":
        published_api(name)
    DataUseFactory(application=application, scope=Scope.objects.get(name="a:read"))
    sign_in(client, developer)

    groups = client.get(f"{application.get_absolute_url()}scopes/").context["groups"]
    fresh = client.get("/apps/new/").context["groups"]

    assert [(group.slug, group.is_open) for group in groups] == [("a", True), ("b", False)]
    assert not any(group.is_open for group in fresh)
