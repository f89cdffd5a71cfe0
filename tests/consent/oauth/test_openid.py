"""OpenID Connect Core: the id token of the code flow, and what it never becomes."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement, Item, Pseudonym, Receipt
from consent.keys import jws
from consent.keys.models import SigningKey
from consent.oauth import access_tokens, devices, id_tokens, openid
from consent.oauth.models import SignIn
from consent.proofs.store import store
from partners.applications.models import Client
from partners.applications.sign_in import SignInRefused, change_sign_in
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.accounts import sessions
from portal.errors import NotAllowed
from portal.events.log import deliver_due
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import answer_of
from tests.factories.openid import claims_of, header_of, make_openid_world, sign_in, tokens_of
from tests.factories.people import member


@pytest.fixture
def world(db):
    return make_openid_world()


def own_hash(access_token: str, name: str = "sha256") -> str:
    """Hash as a client does, by the book."""
    hashed = hashlib.new(name, access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).decode().rstrip("=")


# --- What it says ---------------------------------------------------------------------------------


def test_an_id_token_says_who_signed_in_for_whom_and_when(world):
    began = timezone.now()

    body = tokens_of(world, nonce="n" * 64)

    claims = claims_of(body["id_token"])
    subject = Pseudonym.objects.get().subject
    now = timezone.now().timestamp()
    assert claims["sub"] == str(subject)
    assert claims["aud"] == world.client.client_id
    assert claims["nonce"] == "n" * 64
    assert claims["amr"] == ["pwd"]
    assert claims["at_hash"] == own_hash(body["access_token"])
    assert claims["sid"] == SignIn.objects.get().sid
    assert began.timestamp() - 60 <= claims["auth_time"] <= now
    assert int(began.timestamp()) <= claims["iat"] <= now
    assert claims["exp"] == claims["iat"] + 300
    assert set(claims) == set(openid.CLAIMS)
    assert header_of(body["id_token"])["alg"] == "ES256"
    assert body["scope"] == "openid need:read"


def test_without_openid_there_is_no_id_token_and_no_sign_in(world):
    body = tokens_of(world, scope="need:read", nonce="n" * 64)

    assert "id_token" not in body
    assert not SignIn.objects.exists()


def test_the_subject_is_the_one_of_access_tokens_and_introspection(world):
    body = tokens_of(world)

    told = world.post("/oauth/introspect", token=body["access_token"]).json()

    assert told["sub"] == claims_of(body["id_token"])["sub"]


def test_auth_time_is_that_of_the_sign_in_and_not_of_the_code(world):
    with time_machine.travel(timezone.now() - timedelta(minutes=30), tick=False):
        world.browser = sign_in(world)
        signed_in = int(timezone.now().timestamp())

    claims = claims_of(tokens_of(world)["id_token"])

    assert claims["auth_time"] == signed_in
    assert claims["iat"] > signed_in + 1000


@pytest.mark.parametrize("length", [1, 64, 255])
def test_a_nonce_comes_back_as_it_went_out(world, length):
    nonce = ("aZ09-._~%&=+é/" * 20)[:length]

    claims = claims_of(tokens_of(world, nonce=nonce)["id_token"])

    assert claims["nonce"] == nonce


def test_b20_a_nonce_that_is_too_long_is_refused_and_never_cut(world):
    answer = world.ask(scope="openid need:read", nonce="n" * 256)

    assert answer_of(answer)["error"] == "invalid_request"


def test_without_a_nonce_there_is_none(world):
    assert "nonce" not in claims_of(tokens_of(world)["id_token"])


@pytest.mark.parametrize(
    ("methods", "amr"),
    [
        (["password"], ["pwd"]),
        (["password", "totp"], ["otp", "pwd", "mfa"]),
        (["webauthn"], ["pop"]),
        (["password_reset"], []),
        ([], []),
    ],
    ids=["password", "second-factor", "passkey", "no-proof", "unknown"],
)
def test_amr_names_what_is_known_and_nothing_else(methods, amr):
    assert openid.amr_of(methods) == amr


# --- Algorithms -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("algorithm", "name"), [("PS256", "sha256"), ("EdDSA", "sha512")])
def test_a_client_chooses_how_its_id_tokens_are_signed(world, algorithm, name):
    by = member(world.client.application.organization, Role.OWNER)
    change_sign_in(
        world.client,
        by=by,
        algorithm=algorithm,
        post_logout_redirect_uris=[],
        backchannel_logout_uri="",
    )
    deliver_due()
    assert SigningKey.objects.filter(algorithm=algorithm, status="active").exists()

    body = tokens_of(world)

    assert header_of(body["id_token"])["alg"] == algorithm
    assert claims_of(body["id_token"])["at_hash"] == own_hash(body["access_token"], name)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", ""])
def test_no_other_algorithm_is_taken(world, algorithm):
    by = member(world.client.application.organization, Role.OWNER)

    with pytest.raises(SignInRefused):
        change_sign_in(
            world.client,
            by=by,
            algorithm=algorithm,
            post_logout_redirect_uris=[],
            backchannel_logout_uri="",
        )


def test_another_organization_may_not_choose_for_it(world):
    stranger = actor_of(world.customer.user)

    with pytest.raises(NotAllowed):
        change_sign_in(
            world.client,
            by=stranger,
            algorithm="ES256",
            post_logout_redirect_uris=[],
            backchannel_logout_uri="",
        )


# --- Refresh --------------------------------------------------------------------------------------


def test_a_refresh_tells_the_same_person_and_time_without_the_nonce(world):
    first = tokens_of(world, nonce="n" * 64)
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        again = world.refresh(first["refresh_token"]).json()
        renewed = claims_of(again["id_token"])

    before = claims_of(first["id_token"])
    for name in ("iss", "sub", "aud", "auth_time", "sid"):
        assert renewed[name] == before[name]
    assert "nonce" not in renewed
    assert renewed["iat"] > before["iat"]
    assert renewed["at_hash"] == own_hash(again["access_token"])


def test_a_later_sign_in_does_not_change_what_an_older_refresh_token_says(world):
    first = tokens_of(world)
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        world.browser = sign_in(world)
        tokens_of(world)
        renewed = claims_of(world.refresh(first["refresh_token"]).json()["id_token"])

    assert renewed["auth_time"] == claims_of(first["id_token"])["auth_time"]


def test_a_retry_of_a_lost_refresh_tells_it_once_more(world):
    first = tokens_of(world)
    answer = world.refresh(first["refresh_token"]).json()

    retry = world.refresh(first["refresh_token"]).json()

    assert retry["access_token"] == answer["access_token"]
    assert claims_of(retry["id_token"])["at_hash"] == own_hash(answer["access_token"])


def test_a_refresh_that_leaves_openid_out_brings_no_id_token(world):
    first = tokens_of(world)

    assert "id_token" not in world.refresh(first["refresh_token"], scope="need:read").json()


def test_after_signing_out_a_refresh_goes_on_without_an_id_token(world):
    first = tokens_of(world)
    world.browser.post("/accounts/sign-out/")
    deliver_due()

    answer = world.refresh(first["refresh_token"])

    assert answer.status_code == 200
    assert "id_token" not in answer.json()


# --- Signing in without data ----------------------------------------------------------------------


def test_openid_alone_signs_in_and_shares_nothing(world):
    page = world.ask(scope="openid")
    assert page.context["notice"]["needed"] == page.context["notice"]["optional"] == []
    assert "Sign in to" in page.context["notice"]["title"]

    body = tokens_of(world, scope="openid")

    assert body["scope"] == "openid"
    assert claims_of(body["id_token"])["sub"] == str(Pseudonym.objects.get().subject)
    assert not Item.objects.exists()


def test_the_pages_show_a_sharing_of_nothing_and_its_end(world):
    tokens_of(world, scope="openid")
    slug = world.client.application.slug
    pages = ["/me/apps/", f"/me/apps/{slug}/", "/me/history/", f"/me/apps/{slug}/stop/"]
    pages += [f"/me/apps/{slug}/change/", "/me/data/", "/me/data/export.json"]
    pages += [f"/me/receipts/{receipt.number}/" for receipt in Receipt.objects.all()]

    answers = {page: world.browser.get(page).status_code for page in pages}

    assert answers == dict.fromkeys(pages, 200)
    withdraw_arrangement(Arrangement.objects.get(), by=actor_of(world.customer.user))
    answers = {page: world.browser.get(page).status_code for page in pages[:3]}
    assert answers == dict.fromkeys(pages[:3], 200)


def test_to_sign_in_again_takes_nothing_away(world):
    first = tokens_of(world, scope="openid need:read")
    before = Arrangement.objects.values().get()

    tokens_of(world, scope="openid")

    assert Arrangement.objects.values().get() == before
    assert world.refresh(first["refresh_token"]).json()["scope"] == "openid need:read"


def test_what_needs_to_be_shared_still_does_beside_openid(world):
    body = tokens_of(world, scope="openid need:read extra:read")

    assert body["scope"] == "openid need:read"
    assert [item.scope.name for item in Item.objects.all()] == ["need:read"]


def test_the_words_of_the_sign_in_stand_on_the_screen_and_in_the_proof(world):
    page = world.ask(scope="openid need:read")
    words = page.context["notice"]["signs_in"]
    assert words in page.content.decode()

    world.decide(page)

    version = Arrangement.objects.get().versions.get()
    assert version.notice["signs_in"] == words


def test_a_client_by_itself_signs_nobody_in(world):
    answer = world.post(grant_type="client_credentials", scope="openid open:read")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("scope", ["profile", "email", "openid profile", "offline_access"])
def test_what_openid_connect_would_also_ask_is_no_scope_here(world, scope):
    assert answer_of(world.ask(scope=scope))["error"] == "invalid_scope"


# --- Devices --------------------------------------------------------------------------------------


@pytest.fixture
def device(world):
    """Return what a device got that asked who signs in, and was let in."""
    for name in store().scan_iter("device-tries:*"):
        store().delete(name)
    began = world.post("/oauth/device_authorization", scope="openid need:read").json()
    page = world.browser.post("/device/", {"user_code": began["user_code"]})
    answer = world.browser.post(
        "/device/",
        {"intent": str(page.context["intent"].pk), "until": "90", "decision": "allow"},
    )
    assert answer.status_code == 303, answer.content
    return world.post(grant_type=devices.GRANT_TYPE, device_code=began["device_code"]).json()


def test_a_device_learns_who_let_it_in(world, device):
    claims = claims_of(device["id_token"])

    assert claims["sub"] == str(Pseudonym.objects.get().subject)
    assert claims["at_hash"] == own_hash(device["access_token"])
    assert "nonce" not in claims


def test_signing_out_of_the_browser_does_not_sign_out_of_the_device(world, device):
    world.browser.post("/accounts/sign-out/")
    deliver_due()

    assert "id_token" in world.refresh(device["refresh_token"]).json()


# --- Sessions -------------------------------------------------------------------------------------


def test_one_session_has_one_sid_for_a_client_and_another_session_another(world):
    first, second = (claims_of(tokens_of(world)["id_token"])["sid"] for _ in range(2))
    world.browser = sign_in(world)

    third = claims_of(tokens_of(world)["id_token"])["sid"]

    assert first == second != third


def test_no_session_key_is_kept_beside_a_sign_in(world):
    tokens_of(world)

    key = world.browser.session.session_key
    kept = SignIn.objects.get()
    assert kept.session == sessions.name_of(key) != key


def test_the_database_keeps_one_running_sign_in_for_each_session_and_client(world):
    tokens_of(world)
    twin = SignIn.objects.get()
    twin.pk, twin.sid = None, "another"

    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


# --- What is not what -----------------------------------------------------------------------------


def test_an_id_token_is_refused_as_an_access_token(world, client):
    body = tokens_of(world)
    headers = {"Authorization": f"Bearer {body['id_token']}"}

    assert client.get("/oauth/userinfo", headers=headers).status_code == 401
    told = world.post("/oauth/introspect", token=body["id_token"]).json()
    assert told == {"active": False}
    with pytest.raises(jws.BadSignature):
        jws.read(body["id_token"], typ=access_tokens.TYPE)


def test_an_access_token_is_refused_as_an_id_token(db, client):
    world = make_fapi_world()
    token = world.post(grant_type="client_credentials", scope="open:read").json()["access_token"]
    assert header_of(token)["typ"] == "at+jwt"

    assert id_tokens.read_hint(token) is None
    with pytest.raises(jws.BadSignature):
        jws.read(token, typ=id_tokens.TYPE)
    answer = client.get(f"/oauth/logout?{urlencode({'id_token_hint': token})}")
    assert answer.status_code == 400


def test_a_change_in_the_id_token_is_noticed(world):
    head, body, signature = tokens_of(world)["id_token"].split(".")
    other = "A" if signature[10] != "A" else "B"
    forged = f"{head}.{body}.{signature[:10]}{other}{signature[11:]}"

    assert id_tokens.read_hint(forged) is None


# --- Cost -----------------------------------------------------------------------------------------


def test_an_id_token_costs_no_statement_more(world, warm_ring, django_assert_max_num_queries):
    for _ in range(2):  # The first use of a secret writes that down.
        tokens_of(world)
    plain, telling = world.code(scope="need:read"), world.code(scope="openid need:read")
    with django_assert_max_num_queries(12) as without:
        world.exchange(plain)
    with django_assert_max_num_queries(12) as with_one:
        world.exchange(telling)

    assert len(with_one) == len(without)


def test_the_moment_of_a_sign_in_survives_the_database(world):
    tokens_of(world)

    began = SignIn.objects.get().begun_at
    assert began <= datetime.now(UTC)
    assert Client.objects.get(pk=world.client.pk).id_token_signed_response_alg == "ES256"
