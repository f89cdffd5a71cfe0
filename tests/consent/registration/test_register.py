"""Clients that programs register and manage (RFC 7591, RFC 7592)."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone
from joserfc.jwk import ECKey

from catalog.plans.models import Environment
from catalog.scopes.models import Purpose, Scope
from consent.registration import actions
from consent.registration.models import InitialToken, Registration
from partners.applications.models import Application, Client, Credential, DataUse
from partners.applications.profiles import Profile
from partners.organizations.models import Organization
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed
from portal.events.models import Event
from portal.secrets import digest
from tests.factories.catalog import DetailTypeFactory, ScopeFactory
from tests.factories.partners import ApplicationFactory, DataUseFactory, OrganizationFactory
from tests.factories.people import member
from tests.factories.vocabulary import published_api

CALLBACK = "https://app.example/callback"


class Program:
    """A program of an approved organization, with an initial access token."""

    def __init__(self, *, count: int = 3) -> None:
        self.organization = OrganizationFactory(approved=True)
        self.owner = member(self.organization, Role.OWNER)
        published_api()
        self.purpose = Purpose.objects.get(code="things-reminders")
        DataUseFactory(
            application=ApplicationFactory(organization=self.organization),
            scope=Scope.objects.get(name="things:read"),
            purpose=self.purpose,
            is_required=False,
        )
        self.token, self.raw = actions.issue_initial_token(
            self.organization, by=self.owner, count=count, days=7
        )

    def said(self, **changes: Any) -> dict[str, Any]:
        said = {
            "client_name": "Night build",
            "redirect_uris": [CALLBACK],
            "scope": "things:read things.list:read",
        } | changes
        return {name: value for name, value in said.items() if value is not None}

    def register(self, *, raw: str | None = None, **changes: Any) -> Any:
        body = json.dumps(self.said(**changes))
        return send("post", "/oauth/register", raw or self.raw, body)


def send(method: str, path: str, raw: str, body: str | bytes = b"") -> Any:
    return Browser().generic(
        method.upper(),
        path,
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {raw}"},
    )


def manage(method: str, told: dict[str, Any], body: Any = None) -> Any:
    path = told["registration_client_uri"].removeprefix(settings.ISSUER)
    return send(method, path, told["registration_access_token"], json.dumps(body) if body else b"")


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("error")


@pytest.fixture
def program(db) -> Program:
    return Program()


@pytest.fixture
def key() -> ECKey:
    made = ECKey.generate_key("P-256")
    made.ensure_kid()
    return made


# --- Registering ---------------------------------------------------------------------------------


def test_a_program_registers_a_sandbox_client_of_its_organization(program):
    answer = program.register()

    told = answer.json()
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    client = Client.objects.get(client_id=told["client_id"])
    assert client.application.organization == program.organization
    assert (client.environment, client.profile) == (Environment.SANDBOX, Profile.SANDBOX)
    assert client.application.status == Application.Status.SANDBOX
    assert not client.application.clients.filter(environment=Environment.PRODUCTION).exists()
    assert told["redirect_uris"] == [CALLBACK]
    assert told["scope"] == "things:read things.list:read"
    assert told["token_endpoint_auth_method"] == "client_secret_basic"
    assert told["client_secret_expires_at"] == 0
    assert told["registration_client_uri"] == (
        f"{settings.ISSUER}/oauth/register/{client.client_id}"
    )
    event = Event.objects.get(kind="partners.application.registered")
    assert event.actor == f"initial_token:{program.token.pk}"


def test_the_new_client_gets_a_token_at_once(program):
    told = program.register().json()

    answer = Browser().post(
        "/oauth/token",
        f"grant_type=client_credentials&scope=things.list:read&client_id={told['client_id']}"
        f"&client_secret={told['client_secret']}",
        content_type="application/x-www-form-urlencoded",
    )

    # The method that it registered is the only one that it may use.
    assert error(answer) == (401, "invalid_client")
    told = program.register(
        client_name="Other", token_endpoint_auth_method="client_secret_post"
    ).json()
    answer = Browser().post(
        "/oauth/token",
        f"grant_type=client_credentials&scope=things.list:read&client_id={told['client_id']}"
        f"&client_secret={told['client_secret']}",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200, answer.content


def test_customers_read_the_words_that_people_wrote(program):
    told = program.register().json()

    application = Client.objects.get(client_id=told["client_id"]).application
    use = DataUse.objects.get(application=application, scope__name="things:read")
    assert (use.purpose, use.why) == (program.purpose, "to remind you before you run out.")
    assert use.is_required is False


def test_all_secrets_are_kept_as_digests(program):
    told = program.register().json()

    assert InitialToken.objects.get().digest == digest(program.raw)
    assert Registration.objects.get().digest == digest(told["registration_access_token"])
    assert Credential.objects.get().digest == digest(told["client_secret"])


def test_a_client_with_a_key_gets_no_secret(program, key):
    jwks = {"keys": [key.as_dict(private=False)]}

    told = program.register(
        token_endpoint_auth_method="private_key_jwt", jwks=jwks, dpop_bound_access_tokens=True
    ).json()

    assert "client_secret" not in told
    assert told["dpop_bound_access_tokens"] is True
    assert told["jwks"]["keys"][0]["kid"] == key.kid
    assert not Credential.objects.exists()


def test_an_address_of_keys_is_kept_and_not_asked(program, monkeypatch):
    monkeypatch.setattr("portal.outbound.fetch", lambda *_, **__: pytest.fail("It was asked."))

    told = program.register(
        token_endpoint_auth_method="private_key_jwt", jwks_uri="https://app.example/jwks.json"
    ).json()

    assert told["jwks_uri"] == "https://app.example/jwks.json"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://app.example/"}, "invalid_redirect_uri"),
        ({"redirect_uris": [1]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://app.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://app.example/#x"]}, "invalid_redirect_uri"),
        ({"client_name": None}, "invalid_client_metadata"),
        ({"client_name": "x" * 61}, "invalid_client_metadata"),
        ({"client_name": "a\u202eb"}, "invalid_client_metadata"),
        ({"client_name": ["x"]}, "invalid_client_metadata"),
        ({"scope": "nonsense"}, "invalid_client_metadata"),
        ({"scope": "never:explained"}, "invalid_client_metadata"),
        ({"scope": 1}, "invalid_client_metadata"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"grant_types": "authorization_code"}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "none"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": ["x"]}, "invalid_client_metadata"),
        ({"jwks": {"keys": []}}, "invalid_client_metadata"),
        ({"jwks": "x"}, "invalid_client_metadata"),
        ({"jwks_uri": "http://app.example/jwks"}, "invalid_client_metadata"),
        ({"jwks_uri": "file:///etc/passwd"}, "invalid_client_metadata"),
        ({"dpop_bound_access_tokens": "yes"}, "invalid_client_metadata"),
        ({"client_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
        ({"software_statement": "e30.e30."}, "unapproved_software_statement"),
        ({"registration_access_token": "x"}, "invalid_client_metadata"),
    ],
    ids=[f"bad-{number}" for number in range(26)],
)
def test_metadata_that_will_not_do_is_refused_and_uses_nothing_up(program, changes, code):
    ScopeFactory(name="never:explained")

    answer = program.register(**changes)

    assert error(answer) == (400, code)
    assert InitialToken.objects.get().used_count == 0
    assert not Registration.objects.exists()


def test_a_private_key_is_refused(program, key):
    jwks = {"keys": [key.as_dict(private=True)]}

    answer = program.register(token_endpoint_auth_method="private_key_jwt", jwks=jwks)

    assert error(answer) == (400, "invalid_client_metadata")


def test_a_name_that_is_taken_is_refused(program):
    program.register()

    assert error(program.register()) == (400, "invalid_client_metadata")


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b'{"a": 1, "a": 2}', 400), (b"\xff", 400), (b"x" * 40_000, 413)],
    ids=["empty", "array", "twice", "no-utf8", "large"],
)
def test_a_body_that_is_none_is_a_clean_error(program, body, status):
    assert send("post", "/oauth/register", program.raw, body).status_code == status


def test_the_metadata_names_the_endpoint(db):
    told = Browser().get("/.well-known/oauth-authorization-server").json()

    assert told["registration_endpoint"] == f"{settings.ISSUER}/oauth/register"


# --- The initial access token --------------------------------------------------------------------


def test_a_token_registers_only_so_many(db):
    program = Program(count=2)

    answers = [program.register(client_name=f"Build {number}") for number in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 401]
    assert answers[-1]["WWW-Authenticate"] == 'Bearer realm="Meridian", error="invalid_token"'


def test_a_token_ends(program):
    with time_machine.travel(program.token.expires_at, tick=False):
        assert error(program.register()) == (401, "invalid_token")


def test_a_revoked_token_registers_nothing(program):
    actions.revoke_initial_token(program.token, by=program.owner)

    assert error(program.register()) == (401, "invalid_token")
    with pytest.raises(Conflict):
        actions.revoke_initial_token(program.token, by=program.owner)


@pytest.mark.parametrize("status", ["suspended", "closed", "registered"])
def test_an_organization_that_is_not_approved_registers_nothing(program, status):
    dates = {"suspended": "suspended_at", "closed": "closed_at"}
    changes = {dates[status]: timezone.now()} if status in dates else {}
    Organization.objects.filter(pk=program.organization.pk).update(status=status, **changes)

    assert error(program.register()) == (401, "invalid_token")


@pytest.mark.parametrize("raw", ["mia_no", "ü", "x" * 300], ids=["unknown", "strange", "long"])
def test_another_token_registers_nothing(program, raw):
    assert error(program.register(raw=raw)) == (401, "invalid_token")


def test_a_token_for_something_else_registers_nothing(program):
    told = program.register().json()

    again = program.register(raw=told["registration_access_token"], client_name="Other")

    assert error(again) == (401, "invalid_token")
    assert error(send("get", f"/oauth/register/{told['client_id']}", program.raw)) == (
        401,
        "invalid_token",
    )


@pytest.mark.parametrize("header", ["", "Basic eDp5", "Bearer", "Bearer  "])
def test_without_a_bearer_token_nothing_is_read(db, header):
    answer = Browser().post("/oauth/register", headers={"Authorization": header} if header else {})

    assert error(answer) == (401, "invalid_token")


def test_only_an_owner_of_an_approved_organization_issues_tokens(program):
    developer = member(program.organization, Role.DEVELOPER)
    with pytest.raises(NotAllowed):
        actions.issue_initial_token(program.organization, by=developer, count=1, days=1)
    new = OrganizationFactory()
    with pytest.raises(actions.NotApproved):
        actions.issue_initial_token(new, by=member(new, Role.OWNER), count=1, days=1)


def test_only_five_tokens_live_at_once(program):
    for _ in range(4):
        actions.issue_initial_token(program.organization, by=program.owner, count=1, days=1)

    with pytest.raises(actions.TooManyTokens):
        actions.issue_initial_token(program.organization, by=program.owner, count=1, days=1)


# --- Managing ------------------------------------------------------------------------------------


def test_a_client_reads_what_is_registered(program):
    told = program.register().json()

    answer = manage("get", told)

    secret = {"client_secret", "client_secret_expires_at"}
    assert answer.json() == {name: told[name] for name in told if name not in secret}


def test_a_client_is_described_anew(program, key):
    told = program.register().json()
    said = program.said(
        client_id=told["client_id"],
        client_secret=told["client_secret"],
        redirect_uris=["https://app.example/other"],
        scope="things.list:read",
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
    )

    answer = manage("put", told, said)

    now = answer.json()
    assert answer.status_code == 200, answer.content
    assert now["redirect_uris"] == ["https://app.example/other"]
    assert (now["scope"], now["token_endpoint_auth_method"]) == (
        "things.list:read",
        "private_key_jwt",
    )
    assert manage("get", told).json() == now


def test_a_program_says_how_its_client_signs_customers_in(program):
    said = {
        "id_token_signed_response_alg": "PS256",
        "post_logout_redirect_uris": ["https://app.example/goodbye"],
        "backchannel_logout_uri": "https://app.example/logged-out",
    }

    told = program.register(**said).json()

    kept = Client.objects.get(client_id=told["client_id"])
    assert {name: told[name] for name in said} == said
    assert kept.id_token_signed_response_alg == "PS256"
    assert kept.post_logout_redirect_uris == "https://app.example/goodbye"
    assert kept.backchannel_logout_uri == "https://app.example/logged-out"
    anew = manage("put", told, program.said(client_id=told["client_id"])).json()
    assert anew["id_token_signed_response_alg"] == "ES256"
    assert "backchannel_logout_uri" not in anew
    assert Event.objects.filter(kind="partners.client.sign_in_changed").count() == 2


def test_r5_a_program_names_the_types_of_details_that_its_client_asks_for(program):
    DetailTypeFactory(name="thing_order")

    told = program.register(authorization_details_types=["thing_order"]).json()

    kept = Client.objects.get(client_id=told["client_id"])
    assert told["authorization_details_types"] == kept.authorization_details_types
    assert kept.authorization_details_types == ["thing_order"]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "another"},
        {"client_secret": "mrs_guess"},
        {"client_secret": 1},
        {"client_name": "Another"},
        {"registration_access_token": "x"},
        {"scope": "never:explained"},
        {"id_token_signed_response_alg": "RS256"},
        {"post_logout_redirect_uris": ["https://app.example/#part"]},
        {"post_logout_redirect_uris": "https://app.example/"},
        {"backchannel_logout_uri": "ftp://app.example/"},
        {"backchannel_logout_uri": 1},
        {"authorization_details_types": ["unheard_of"]},
        {"authorization_details_types": [None]},
    ],
    ids=[
        "no-id",
        "other-id",
        "secret",
        "no-text",
        "name",
        "ours",
        "scope",
        "algorithm",
        "fragment",
        "no-list",
        "scheme",
        "number",
        "type",
        "no-type",
    ],
)
def test_a_description_that_will_not_do_changes_nothing(program, changes):
    told = program.register().json()
    before = manage("get", told).json()

    answer = manage("put", told, program.said(**({"client_id": told["client_id"]} | changes)))

    assert error(answer) == (400, "invalid_client_metadata")
    assert manage("get", told).json() == before


def test_a_client_ends_itself(program):
    told = program.register().json()

    answer = manage("delete", told)

    assert (answer.status_code, answer.content) == (204, b"")
    assert Client.objects.get(client_id=told["client_id"]).application.status == "closed"
    for method in ("get", "put", "delete"):
        assert error(manage(method, told)) == (401, "invalid_token")


def test_a_program_does_not_end_what_customers_use(program):
    told = program.register().json()
    application = Client.objects.get(client_id=told["client_id"]).application
    Client.objects.create(
        application=application, environment=Environment.PRODUCTION, client_id="nb_live_1"
    )

    assert error(manage("delete", told)) == (403, "access_denied")


def test_a_client_manages_itself_only(program):
    one = program.register().json()
    other = program.register(client_name="Other").json()

    answer = send("get", f"/oauth/register/{other['client_id']}", one["registration_access_token"])

    assert error(answer) == (401, "invalid_token")


def test_a_suspended_organization_manages_nothing(program):
    told = program.register().json()
    Organization.objects.filter(pk=program.organization.pk).update(
        status="suspended", suspended_at=timezone.now()
    )

    assert error(manage("get", told)) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("path", "allowed"), [("register", "POST"), ("register/x", "GET, PUT, DELETE")]
)
def test_another_method_is_not_allowed(db, path, allowed):
    answer = Browser().patch(f"/oauth/{path}")

    assert (answer.status_code, answer["Allow"]) == (405, allowed)
    assert answer["Cache-Control"] == "no-store"
