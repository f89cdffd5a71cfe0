from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from catalog.apis.models import Api
from catalog.plans.models import Environment
from partners.applications import actions
from partners.applications.credentials import client_with_secret
from partners.applications.models import Application, Client, Credential
from partners.organizations.actions import suspend_organization
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.models import Event
from tests.factories.partners import ApplicationFactory, ClientFactory, OrganizationFactory
from tests.factories.people import member, staff
from tests.factories.vocabulary import published_api, wanted

pytestmark = pytest.mark.django_db


def register(organization=None, *, by=None, **changes):
    organization = organization or OrganizationFactory()
    values = {
        "name": "Halden Refill",
        "tagline": "Never run out",
        "redirect_uris": ["https://app.example/callback"],
        "uses": [],
    }
    by = by or member(organization, Role.DEVELOPER)
    return actions.register_application(organization, by=by, **{**values, **changes})


def test_a_registered_application_has_a_working_sandbox_client_and_its_uses():
    published_api()

    application = register(uses=[wanted(), wanted(scope="things.list:read", is_required=True)])

    client = application.clients.get()
    assert client.is_live
    assert client.environment == Environment.SANDBOX
    assert client.client_id.startswith("hr_test_")
    assert len(client.client_id) == len("hr_test_") + 16
    assert client.redirect_uris == "https://app.example/callback"
    assert client.clean() is None
    uses = application.data_uses.order_by("scope__name")
    assert list(
        uses.values_list("scope__name", "purpose__code", "why", "is_required", "retention_days")
    ) == [
        ("things.list:read", None, "", False, 0),
        ("things:read", "things-reminders", "to remind you before you run out.", True, 30),
    ]
    event = Event.objects.get()
    assert event.kind == "partners.application.registered"
    assert event.facts["scopes"] == ["things:read", "things.list:read"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scope": "unheard:of"}, "scope_unknown"),
        ({"purpose": None}, "purpose_missing"),
        ({"purpose": "other-reminders"}, "purpose_not_allowed"),
        ({"retention_days": 91}, "retention_too_long"),
        ({"retention_days": -1}, "retention_too_long"),
        ({"why": " "}, "why_length"),
        ({"why": "a" * 161}, "why_length"),
        ({"why": "to\u202e remind"}, "why_not_plain"),
    ],
)
def test_a_use_that_the_vocabulary_forbids_is_refused(change, code):
    published_api()
    published_api("other")

    with pytest.raises(Refused) as refusal:
        register(uses=[wanted(**change)])

    assert refusal.value.code == code
    assert not Application.objects.exists()


def test_a_scope_of_an_unpublished_api_is_unknown():
    published_api()
    Api.objects.update(status=Api.Status.DEPRECATED)

    with pytest.raises(Refused) as refusal:
        register(uses=[wanted()])

    assert refusal.value.code == "scope_unknown"


def test_a_scope_stands_once():
    published_api()

    with pytest.raises(Refused) as refusal:
        register(uses=[wanted(), wanted()])

    assert refusal.value.code == "scope_repeated"


def test_a_name_is_unique_in_an_organization_and_a_slug_everywhere():
    organization = OrganizationFactory()
    first = register(organization)

    with pytest.raises(actions.NameTaken):
        register(organization, name="halden refill")
    elsewhere = register()

    assert first.slug == "halden-refill"
    assert elsewhere.slug.startswith("halden-refill-")


def test_no_application_takes_the_address_of_a_page():
    assert register(name="New").slug == "new-app"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SIGNER, Role.SECURITY_CONTACT])
def test_a_member_without_the_role_may_not_register(role):
    organization = OrganizationFactory()

    with pytest.raises(NotAllowed):
        register(organization, by=member(organization, role))
    with pytest.raises(NotAllowed):
        register(organization, by=member(OrganizationFactory(), Role.OWNER))


def test_a_bad_redirect_uri_is_refused_with_its_field():
    with pytest.raises(Refused) as refusal:
        register(redirect_uris=["http://app.example/"])

    assert refusal.value.code == "redirect_uri_refused"
    assert "redirect_uris" in refusal.value.errors


def test_the_production_client_is_opened_once_and_waits_for_approval():
    application = register()
    developer = member(application.organization, Role.DEVELOPER)

    client = actions.open_production_client(application, by=developer)

    assert actions.open_production_client(application, by=developer) == client
    assert client.client_id.startswith("hr_live_")
    assert not client.is_live
    with pytest.raises(Conflict) as refusal:
        actions.issue_credential(client, by=developer)
    assert refusal.value.code == "client_not_live"


def test_production_takes_over_only_what_is_confidential(settings):
    settings.IS_SECURE = True
    application = register(
        redirect_uris=["https://app.example/callback", "http://127.0.0.1:5000/callback"]
    )
    developer = member(application.organization, Role.DEVELOPER)

    client = actions.open_production_client(application, by=developer)

    assert client.redirect_uris == "https://app.example/callback"
    with pytest.raises(actions.RedirectRefused):
        actions.change_redirect_uris(
            client, by=developer, redirect_uris=["http://127.0.0.1:5000/callback"]
        )


def test_a_secret_is_returned_once_and_kept_as_a_digest():
    client = ClientFactory()
    developer = member(client.application.organization, Role.DEVELOPER)

    credential, secret = actions.issue_credential(client, by=developer)

    assert secret.startswith("mrs_")
    assert secret not in str(Credential.objects.values().get())
    assert secret not in str(list(Event.objects.values()))
    assert credential.hint == secret[-4:]
    assert client_with_secret(client.client_id, secret, at=timezone.now()) == client


def test_at_most_two_secrets_are_live():
    client = ClientFactory()
    developer = member(client.application.organization, Role.DEVELOPER)
    first, _ = actions.issue_credential(client, by=developer)
    actions.issue_credential(client, by=developer)

    with pytest.raises(actions.TooManySecrets):
        actions.issue_credential(client, by=developer)
    actions.revoke_credential(first, by=developer, reason="Rotated.")
    actions.issue_credential(client, by=developer)

    assert client.credentials.live(at=timezone.now()).count() == 2


def test_a_secret_stops_when_it_is_revoked_or_its_end_comes():
    client = ClientFactory()
    developer = member(client.application.organization, Role.DEVELOPER)
    now = timezone.now()
    revoked, first = actions.issue_credential(client, by=developer)
    _, second = actions.issue_credential(client, by=developer, expires_at=now + timedelta(hours=1))
    actions.revoke_credential(revoked, by=developer, reason="Leaked.")

    assert client_with_secret(client.client_id, first, at=now) is None
    assert client_with_secret(client.client_id, second, at=now) is not None
    assert client_with_secret(client.client_id, second, at=now + timedelta(hours=1)) is None
    with pytest.raises(Conflict):
        actions.revoke_credential(revoked, by=developer, reason="Again.")


@pytest.mark.parametrize("secret", ["", "mrs_wrong", "é", "\udce9", "a" * 100_000, "\x00"])
def test_a_wrong_secret_finds_nothing(secret):
    client = ClientFactory()
    actions.issue_credential(client, by=member(client.application.organization, Role.DEVELOPER))

    assert client_with_secret(client.client_id, secret, at=timezone.now()) is None


def test_a_secret_belongs_to_one_client():
    client, other = ClientFactory(), ClientFactory()
    _, secret = actions.issue_credential(
        client, by=member(client.application.organization, Role.DEVELOPER)
    )

    assert client_with_secret(other.client_id, secret, at=timezone.now()) is None


def test_the_last_use_is_written_once_a_minute(django_assert_num_queries):
    client = ClientFactory()
    _, secret = actions.issue_credential(
        client, by=member(client.application.organization, Role.DEVELOPER)
    )
    now = timezone.now()

    with django_assert_num_queries(2):
        client_with_secret(client.client_id, secret, at=now)
    with django_assert_num_queries(1):
        client_with_secret(client.client_id, secret, at=now + timedelta(seconds=59))
    with django_assert_num_queries(2):
        client_with_secret(client.client_id, secret, at=now + timedelta(seconds=60))


@pytest.mark.parametrize("environment", list(Environment))
def test_suspension_stops_both_clients_and_reinstatement_brings_them_back(environment):
    application = ApplicationFactory(live=True)
    client = ClientFactory(application=application, environment=environment)
    officer = staff(Role.SECURITY)

    actions.suspend_application(application, by=officer, reason="A leak.")
    assert not Client.objects.get(pk=client.pk).is_live
    with pytest.raises(Conflict):
        actions.make_live(application, by=staff(Role.REVIEWER))
    actions.reinstate_application(application, by=officer)
    assert Client.objects.get(pk=client.pk).is_live
    suspend_organization(application.organization, by=officer, reason="A leak.")
    assert not Client.objects.get(pk=client.pk).is_live


def test_an_application_that_was_never_live_comes_back_to_the_sandbox():
    application = ApplicationFactory()
    officer = staff(Role.ADMIN)

    actions.suspend_application(application, by=officer, reason="-")
    actions.reinstate_application(application, by=officer)

    assert Application.objects.get().status == Application.Status.SANDBOX


@pytest.mark.parametrize("role", [Role.OWNER, Role.DEVELOPER])
def test_a_member_may_not_suspend_the_own_application(role):
    application = ApplicationFactory(live=True)

    with pytest.raises(NotAllowed):
        actions.suspend_application(
            application, by=member(application.organization, role), reason="-"
        )

    assert not Event.objects.exists()


def test_uses_can_be_asked_for_anew():
    published_api()
    application = register(uses=[wanted()])
    developer = member(application.organization, Role.DEVELOPER)

    actions.change_uses(application, by=developer, uses=[wanted(retention_days=7)])

    assert application.data_uses.get().retention_days == 7


def test_the_secret_never_meets_the_database():
    client = ClientFactory()
    developer = member(client.application.organization, Role.DEVELOPER)
    seen: list[str] = []

    def watch(execute, sql, params, many, context):
        seen.append(f"{sql} {params}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        _, secret = actions.issue_credential(client, by=developer)
        client_with_secret(client.client_id, secret, at=timezone.now())

    assert seen
    assert not [statement for statement in seen if secret in statement]
