"""What programs may say to the endpoints that they call, and what not."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from consent.arrangements.models import Arrangement, Pseudonym
from consent.oauth.models import AccessToken, Grant, RefreshToken
from consent.oauth.tasks import purge_expired
from consent.oauth.tokens import read_access_token
from partners.applications.actions import issue_credential, revoke_credential, suspend_application
from partners.applications.models import Credential
from portal.access.actors import Role
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.events.people import account_of
from tests.consent.oauth.test_flow import withdraw
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import FORM, VERIFIER, make_world
from tests.factories.partners import ClientFactory
from tests.factories.people import member, staff

ENDPOINTS = ["/oauth/par", "/oauth/token", "/oauth/introspect", "/oauth/revoke"]


def is_live(access_token: str) -> bool:
    token = read_access_token(access_token)
    return token is not None and token.is_live(at=timezone.now())


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


# --- The shape of a request ----------------------------------------------------------------------


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_b11_only_a_post_is_answered(db, path, method):
    answer = getattr(Browser(), method)(path)

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("a=1", FORM, 401),
        ("{}", "application/json", 400),
        ("a=1", "multipart/form-data; boundary=x", 400),
        ("a=1", "", 400),
        ("a=%zz", FORM, 400),
        ("a=%00", FORM, 400),
        ("a=%ff", FORM, 400),
        ("a=1&a=2", FORM, 400),
        (b"\xff\xfe\x00", FORM, 400),
        ("token=" + "x" * 5000, FORM, 400),
        ("&".join(f"p{n}=1" for n in range(50)), FORM, 400),
        ("a=" + "x" * 40_000, FORM, 413),
        ("a=" + "x" * 3_000_000, FORM, 413),
    ],
)
def test_b22_b23_what_is_not_a_small_form_gets_a_clean_error(db, path, body, content_type, status):
    answer = Browser().post(path, body, content_type=content_type)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["error"] in {"invalid_request", "invalid_client"}
    assert "no-store" in answer["Cache-Control"]


def test_a_length_that_lies_is_refused(db):
    answer = Browser().post("/oauth/token", "a=1", content_type=FORM, CONTENT_LENGTH="-1")

    assert answer.status_code == 413


def test_b11_credentials_in_the_address_are_refused(world):
    path = f"/oauth/token?client_id={world.client.client_id}&client_secret={world.secret}"

    answer = world.post(path, grant_type="client_credentials", scope="open:read")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


# --- Who is calling ------------------------------------------------------------------------------


def test_the_secret_may_come_in_the_body(world):
    answer = world.post(
        basic=False,
        client_id=world.client.client_id,
        client_secret=world.secret,
        grant_type="client_credentials",
        scope="open:read",
    )

    assert answer.status_code == 200, answer.content


def test_b24_two_proofs_at_once_are_none(world):
    answer = world.post(
        client_secret=world.secret, grant_type="client_credentials", scope="open:read"
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_the_client_id_of_another_beside_ones_own_proof_is_refused(world):
    answer = world.post(client_id="other", grant_type="client_credentials", scope="open:read")

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"%00:x").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Basic " + base64.b64encode(b"a:" + b"b" * 400).decode(),
        basic("nobody", "nothing"),
        "Bearer abc",
        "Negotiate abc",
    ],
)
def test_a_proof_that_is_none_is_challenged_in_its_own_scheme(db, header):
    answer = Browser().post(
        "/oauth/token",
        "grant_type=client_credentials",
        content_type=FORM,
        headers={"Authorization": header},
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer["WWW-Authenticate"].startswith("Basic ")


def test_a_wrong_secret_in_the_body_is_not_challenged_with_basic(world):
    answer = world.post(basic=False, client_id=world.client.client_id, client_secret="mrs_no")

    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer


def test_an_unknown_client_costs_what_a_wrong_secret_costs(
    world, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_num_queries(1):
        world.post(basic=False, client_id=world.client.client_id, client_secret="mrs_wrong")
    with django_assert_num_queries(1):
        world.post(basic=False, client_id="nobody", client_secret="mrs_wrong")


def test_a_revoked_secret_and_a_suspended_application_stop_at_once(world):
    owner = member(world.client.application.organization, Role.OWNER)
    body = world.exchange(world.code()).json()
    _, second = issue_credential(world.client, by=owner)
    revoke_credential(Credential.objects.order_by("pk").first(), by=owner, reason="rotated")
    assert world.refresh(body["refresh_token"]).status_code == 401
    world.secret = second
    assert world.refresh(body["refresh_token"]).status_code == 200

    suspend_application(world.client.application, by=staff(Role.SECURITY), reason="a test")

    assert world.refresh(body["refresh_token"]).status_code == 401
    token = read_access_token(body["access_token"])
    assert not token.is_live(at=timezone.now())


# --- Grant types ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        (
            {"grant_type": "urn:ietf:params:oauth:grant-type:device_code"},
            "invalid_request",
        ),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "mac_no"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "mrt_no"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "ü"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "need:read"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "open:read need:read"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "nonsense"}, "invalid_scope"),
    ],
)
def test_b10_a_request_that_grants_nothing(world, form, error):
    answer = world.post(**form)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert not AccessToken.objects.exists()


def test_a_client_by_itself_reaches_no_customer(world):
    body = world.post(grant_type="client_credentials", scope="open:read").json()

    token = read_access_token(body["access_token"])
    assert body["scope"] == "open:read"
    assert "refresh_token" not in body
    assert (token.user, token.arrangement) == (None, None)


# --- Codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": "v" * 42},
        {"code_verifier": ""},
        {"redirect_uri": "https://app.example/other"},
        {"redirect_uri": ""},
    ],
)
def test_b5_b9_a_code_fits_only_what_it_was_made_for_and_is_not_burnt_by_a_miss(world, changes):
    code = world.code()

    wrong = world.exchange(code, **changes)

    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    assert world.exchange(code).status_code == 200


def test_b8_another_client_can_neither_use_nor_burn_a_code(world):
    code = world.code()
    other = ClientFactory(production=True)
    _, secret = issue_credential(other, by=member(other.application.organization, Role.OWNER))

    stolen = world.post(
        basic=False,
        client_id=other.client_id,
        client_secret=secret,
        grant_type="authorization_code",
        code=code,
        redirect_uri="https://app.example/callback",
        code_verifier=VERIFIER,
    )

    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert world.exchange(code).status_code == 200


def test_a_code_lasts_a_minute(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = world.code()
        clock.shift(60)

        assert world.exchange(code).json()["error"] == "invalid_grant"


def test_b7_f17_a_code_used_twice_ends_all_that_came_from_it_and_is_told(world):
    code = world.code()
    first = world.exchange(code).json()
    second = world.refresh(first["refresh_token"]).json()

    replay = world.exchange(code)

    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    assert not is_live(first["access_token"])
    assert not is_live(second["access_token"])
    assert world.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    event = Event.objects.get(kind="consent.code.replayed")
    assert event.actor == f"client:{world.client.client_id}"
    assert event.organization_id == world.client.application.organization_id
    assert account_of(event.person_id) == world.customer.user_id
    assert Arrangement.objects.get().status == Arrangement.Status.ACTIVE


# --- Refresh tokens ------------------------------------------------------------------------------


def test_a_lost_answer_can_be_asked_for_again(world):
    first = world.exchange(world.code()).json()
    once = world.refresh(first["refresh_token"]).json()

    again = world.refresh(first["refresh_token"])

    assert again.status_code == 200
    assert again.json()["access_token"] == once["access_token"]
    assert again.json()["refresh_token"] == once["refresh_token"]
    assert again.json()["expires_in"] <= once["expires_in"]
    assert AccessToken.objects.count() == 2
    assert RefreshToken.objects.filter(revoked=None).count() == 1


def test_b12_an_old_refresh_token_ends_the_family_and_is_told(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = world.exchange(world.code()).json()
        second = world.refresh(first["refresh_token"]).json()
        clock.shift(31)

        replay = world.refresh(first["refresh_token"])

        assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
        assert world.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
        assert not is_live(second["access_token"])
    assert Event.objects.filter(kind="consent.refresh.replayed").count() == 1
    assert Arrangement.objects.get().status == Arrangement.Status.ACTIVE


def test_a_refresh_token_whose_successor_was_used_is_no_retry(world):
    first = world.exchange(world.code()).json()
    second = world.refresh(first["refresh_token"]).json()
    world.refresh(second["refresh_token"])

    replay = world.refresh(first["refresh_token"])

    assert replay.json()["error"] == "invalid_grant"
    assert not RefreshToken.objects.filter(revoked=None).exists()


def test_nothing_outlives_the_arrangement(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = world.exchange(world.code()).json()
        ends_at = Arrangement.objects.get().ends_at
        assert RefreshToken.objects.get().expires_at == ends_at
        clock.move_to(ends_at - timedelta(seconds=10))

        second = world.refresh(first["refresh_token"]).json()

        assert second["expires_in"] == 10
        assert read_access_token(second["access_token"]).expires == ends_at
        clock.move_to(ends_at)
        assert world.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
        assert not read_access_token(second["access_token"]).is_live(at=timezone.now())


def test_a_revoked_answer_is_not_given_again(world):
    first = world.exchange(world.code()).json()
    second = world.refresh(first["refresh_token"]).json()
    world.post("/oauth/revoke", token=second["access_token"])

    again = world.refresh(first["refresh_token"])

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


# --- Introspection and revocation ----------------------------------------------------------------


def test_a_client_may_look_at_its_own_token_and_learns_no_name(world):
    body = world.exchange(world.code()).json()

    answer = world.post("/oauth/introspect", token=body["access_token"])

    told = answer.json()
    assert answer["Cache-Control"] == "no-store"
    assert told.pop("exp") - told.pop("iat") in {299, 300}
    assert told == {
        "active": True,
        "iss": "http://testserver",
        "client_id": world.client.client_id,
        "sub": str(Pseudonym.objects.get().subject),
        "aud": [settings.GATEWAY_URL],
        "scope": "need:read open:read",
        "token_type": "Bearer",
        "grant_id": str(Arrangement.objects.get().pk),
    }


def test_everything_else_is_exactly_inactive(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        body = world.exchange(world.code()).json()
        other = ClientFactory(production=True)
        _, secret = issue_credential(other, by=member(other.application.organization, Role.OWNER))
        foreign = world.post(
            "/oauth/introspect",
            basic=False,
            client_id=other.client_id,
            client_secret=secret,
            token=body["access_token"],
        )
        unknown = world.post("/oauth/introspect", token="mat_unknown")
        refresh = world.post("/oauth/introspect", token=body["refresh_token"])
        clock.shift(300)
        expired = world.post("/oauth/introspect", token=body["access_token"])

    for answer in (foreign, unknown, refresh, expired):
        assert (answer.status_code, answer.json()) == (200, {"active": False})


def test_a_withdrawn_token_is_inactive_before_anything_was_tidied(world):
    body = world.exchange(world.code()).json()
    withdraw(world)

    answer = world.post("/oauth/introspect", token=body["access_token"])

    assert answer.json() == {"active": False}


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
def test_revoking_either_ends_both_and_leaves_the_consent(world, which, hint):
    body = world.exchange(world.code()).json()

    answer = world.post("/oauth/revoke", token=body[which], token_type_hint=hint)

    assert (answer.status_code, answer.content) == (200, b"")
    assert not is_live(body["access_token"])
    assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
    assert Arrangement.objects.get().status == Arrangement.Status.ACTIVE
    assert Event.objects.filter(kind="consent.token.revoked").count() == 1
    assert not Event.objects.filter(kind="consent.refresh.replayed").exists()


def test_a_clients_own_token_can_be_revoked(world):
    body = world.post(grant_type="client_credentials", scope="open:read").json()

    world.post("/oauth/revoke", token=body["access_token"])

    assert not is_live(body["access_token"])


def test_revoking_a_foreign_or_unknown_token_changes_nothing(world):
    body = world.exchange(world.code()).json()
    other = ClientFactory(production=True)
    _, secret = issue_credential(other, by=member(other.application.organization, Role.OWNER))

    for token in (body["access_token"], body["refresh_token"], "nonsense"):
        answer = world.post(
            "/oauth/revoke",
            basic=False,
            client_id=other.client_id,
            client_secret=secret,
            token=token,
        )
        assert answer.status_code == 200

    assert world.refresh(body["refresh_token"]).status_code == 200


@pytest.mark.parametrize("path", ["/oauth/introspect", "/oauth/revoke"])
def test_a_token_must_be_named(world, path):
    assert world.post(path).json()["error"] == "invalid_request"


# --- What is said about it, and what is left -----------------------------------------------------


def test_the_metadata_say_what_is_enforced_without_asking_the_database(
    db, client, django_assert_num_queries
):
    with time_machine.travel(timezone.now(), tick=False):
        client.get("/.well-known/oauth-authorization-server")
        with django_assert_num_queries(0):
            answer = client.get("/.well-known/oauth-authorization-server")

    told = answer.json()
    assert told["issuer"] == settings.ISSUER == "http://testserver"
    assert told["response_types_supported"] == ["code"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert answer["Access-Control-Allow-Origin"] == "*"
    for name, path in {
        "authorization_endpoint": "/oauth/authorize",
        "token_endpoint": "/oauth/token",
        "introspection_endpoint": "/oauth/introspect",
        "revocation_endpoint": "/oauth/revoke",
    }.items():
        assert told[name] == settings.ISSUER + path


def test_what_an_ended_arrangement_leaves_behind_is_marked_as_ended(world):
    body = world.exchange(world.code()).json()
    world.code()
    withdraw(world)

    deliver_due()

    assert not any(code.is_live(at=timezone.now()) for code in Grant.objects.all())
    assert not AccessToken.objects.filter(revoked_at=None).exists()
    assert not RefreshToken.objects.filter(revoked=None).exists()
    assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
    assert not Event.objects.filter(kind="consent.refresh.replayed").exists()


def test_sweeping_spares_what_was_issued_since(world):
    world.exchange(world.code())
    withdraw(world)
    body = world.exchange(world.code()).json()

    deliver_due()

    assert is_live(body["access_token"])
    assert world.refresh(body["refresh_token"]).status_code == 200


def test_old_rows_are_purged_and_young_ones_are_not(world):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        body = world.exchange(world.code()).json()
        assert purge_expired() == 0
        clock.shift(timedelta(days=2))

        assert purge_expired() == 3
        assert purge_expired() == 0
        assert world.refresh(body["refresh_token"]).status_code == 200
        clock.shift(timedelta(days=400))
        purge_expired()
    for model in (Grant, AccessToken, RefreshToken):
        assert not model.objects.exists()


def test_the_engines_own_secrets_are_never_used(world):
    assert not world.client.client_secret or world.secret not in world.client.client_secret


# --- What it costs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "costs"),
    [(make_world, (1, 4, 4)), (make_fapi_world, (3, 5, 4))],
    ids=["sandbox", "fapi2"],
)
def test_a_token_takes_few_statements(db, warm_ring, django_assert_num_queries, make, costs):
    """Count what is asked of the database besides the transaction.

    One that proves itself by a key is read each time, and its refresh token is not followed.
    """
    own_cost, exchange_cost, refresh_cost = costs
    transaction = 2
    world = make()
    for _ in range(2):
        world.post(grant_type="client_credentials", scope="open:read")
    before = world.exchange(world.code("extra:read")).json()
    code = world.code("extra:read")

    with django_assert_num_queries(own_cost):
        assert world.post(grant_type="client_credentials", scope="open:read").status_code == 200
    with django_assert_num_queries(exchange_cost + transaction):
        assert world.exchange(code).status_code == 200
    with django_assert_num_queries(refresh_cost + transaction):
        assert world.refresh(before["refresh_token"]).status_code == 200
    with django_assert_num_queries(1):
        assert read_access_token(before["access_token"])
