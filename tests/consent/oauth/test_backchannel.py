"""Back-channel logout: the client hears, signed, that somebody signed out."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from consent.keys import jws
from consent.oauth import backchannel, id_tokens, tasks
from consent.oauth.models import LogoutNotice, SignIn
from partners.applications.models import Client
from portal.access.actors import SYSTEM
from portal.accounts.models import User
from portal.events.log import deliver_due, record
from portal.notifications.models import Message
from tests.factories.openid import (
    PASSWORD,
    claims_of,
    header_of,
    make_openid_world,
    sign_in,
    tokens_of,
)

PATH = "/logged-out"
FRESH_PASSWORD = "quite another password"


@pytest.fixture
def world(db, httpserver):
    world = make_openid_world()
    Client.objects.filter(pk=world.client.pk).update(
        backchannel_logout_uri=httpserver.url_for(PATH)
    )
    return world


@pytest.fixture
def told(httpserver):
    """Take what is sent, and return the logout tokens."""
    httpserver.expect_request(PATH, method="POST").respond_with_data("", status=200)

    def read() -> list[str]:
        bodies = [request.get_data(as_text=True) for request, _ in httpserver.log]
        return [parse_qs(body, strict_parsing=True)["logout_token"][0] for body in bodies]

    return read


def run() -> None:
    deliver_due()
    backchannel.send_due()


def test_a_sign_out_tells_the_client_which_session_of_which_person_ended(world, told):
    body = tokens_of(world)
    world.browser.post("/accounts/sign-out/")

    run()

    (token,) = told()
    claims = jws.read(token, typ="logout+jwt")
    id_token = claims_of(body["id_token"])
    assert header_of(token)["typ"] == "logout+jwt"
    assert {name: claims[name] for name in ("iss", "aud", "sub", "sid")} == {
        name: id_token[name] for name in ("iss", "aud", "sub", "sid")
    }
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert claims["exp"] - claims["iat"] == 120
    assert claims["jti"]
    assert "nonce" not in claims
    assert LogoutNotice.objects.get().delivered_at is not None


def test_it_is_sent_as_a_form(world, told, httpserver):
    tokens_of(world)
    world.browser.post("/accounts/sign-out/")

    run()

    request, _ = httpserver.log[0]
    assert request.content_type == "application/x-www-form-urlencoded"


def test_a_sign_out_that_the_client_asked_for_is_told_too(world, told):
    hint = tokens_of(world)["id_token"]
    world.browser.get("/oauth/logout", {"id_token_hint": hint})

    run()

    assert len(told()) == 1


def test_only_the_session_that_ended_is_told_of(world, told):
    first = claims_of(tokens_of(world)["id_token"])["sid"]
    ended = world.browser
    world.browser = sign_in(world)
    tokens_of(world)
    ended.post("/accounts/sign-out/")

    run()

    assert [jws.read(token, typ="logout+jwt")["sid"] for token in told()] == [first]
    assert SignIn.objects.running().count() == 1


def test_ending_the_other_sessions_from_here_tells_of_them(world, told):
    there = claims_of(tokens_of(world)["id_token"])["sid"]
    here = sign_in(world)

    here.post("/accounts/sessions/")
    run()

    assert [jws.read(token, typ="logout+jwt")["sid"] for token in told()] == [there]


def test_a_new_password_ends_all_sign_ins(world, told):
    tokens_of(world)
    world.browser = sign_in(world)
    tokens_of(world)

    world.browser.post(
        "/accounts/password/",
        {"oldpassword": PASSWORD, "password1": FRESH_PASSWORD, "password2": FRESH_PASSWORD},
    )
    run()

    assert len(told()) == 2
    assert not SignIn.objects.running().exists()


def test_a_forgotten_password_ends_all_sign_ins(world, told, client, settings):
    tokens_of(world)
    client.post("/accounts/password/forgotten/", {"email": world.customer.user.email})
    text = Message.objects.get(is_sensitive=True).text
    link = re.search(rf"{settings.ISSUER}(/accounts/password/new/\S+)", text).group(1)
    page = client.get(link, follow=True)
    client.post(
        page.request["PATH_INFO"], {"password1": FRESH_PASSWORD, "password2": FRESH_PASSWORD}
    )

    run()

    assert len(told()) == 1


def test_closing_the_account_ends_all_sign_ins(world, told):
    tokens_of(world)
    user: User = world.customer.user
    with transaction.atomic():
        record("accounts.user.closed", user, by=SYSTEM, person_id=user.pk)

    run()

    assert len(told()) == 1


def test_a_sign_in_that_is_newer_than_the_reason_goes_on(world, told):
    earlier = timezone.now() - timedelta(minutes=1)
    with time_machine.travel(earlier, tick=False), transaction.atomic():
        user = world.customer.user
        record("accounts.password.changed", user, by=SYSTEM, person_id=user.pk)
    tokens_of(world)

    run()

    assert told() == []
    assert SignIn.objects.running().count() == 1


def test_a_client_without_an_address_hears_nothing(world, told):
    Client.objects.update(backchannel_logout_uri="")
    tokens_of(world)
    world.browser.post("/accounts/sign-out/")

    run()

    assert told() == []
    assert not LogoutNotice.objects.exists()
    assert not SignIn.objects.running().exists()


def test_what_is_heard_twice_is_told_once(world, told):
    tokens_of(world)
    world.browser.post("/accounts/sign-out/")
    run()

    session = SignIn.objects.get().session
    with transaction.atomic():
        user = world.customer.user
        record("accounts.user.signed_out", user, by=SYSTEM, person_id=user.pk, session=session)
    run()

    assert len(told()) == 1


# --- When it does not arrive ----------------------------------------------------------------------


def test_a_client_that_fails_is_told_again_with_a_fresh_token(world, httpserver):
    httpserver.expect_ordered_request(PATH).respond_with_data("", status=503)
    httpserver.expect_ordered_request(PATH).respond_with_data("", status=200)
    tokens_of(world)
    world.browser.post("/accounts/sign-out/")
    run()
    notice = LogoutNotice.objects.get()
    assert (notice.outcome, notice.delivered_at) == ("refused", None)
    assert notice.next_attempt_at > timezone.now()

    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        assert backchannel.send_due() == 1
        bodies = [request.get_data(as_text=True) for request, _ in httpserver.log]
        first, second = (parse_qs(body)["logout_token"][0] for body in bodies)
        claims = [jws.read(token, typ="logout+jwt") for token in (first, second)]

    assert claims[0]["sid"] == claims[1]["sid"]
    assert claims[0]["jti"] != claims[1]["jti"]
    assert claims[1]["exp"] > claims[0]["exp"]


def test_what_is_not_due_is_not_sent(world, httpserver):
    httpserver.expect_request(PATH).respond_with_data("", status=503)
    tokens_of(world)
    world.browser.post("/accounts/sign-out/")
    run()

    backchannel.send_due()

    assert len(httpserver.log) == 1


def test_after_the_last_attempt_it_is_given_up(world, httpserver):
    httpserver.expect_request(PATH).respond_with_data("", status=500)
    tokens_of(world)
    world.browser.post("/accounts/sign-out/")
    deliver_due()
    LogoutNotice.objects.update(attempt_count=9)

    backchannel.send_due()

    notice = LogoutNotice.objects.get()
    assert notice.given_up_at is not None
    assert not LogoutNotice.objects.due(at=timezone.now() + timedelta(days=9)).exists()


def test_nothing_is_sent_into_our_own_network(world, httpserver, settings):
    settings.OUTBOUND_ALLOWED_HOSTS = []
    tokens_of(world)
    world.browser.post("/accounts/sign-out/")

    run()

    assert httpserver.log == []
    assert LogoutNotice.objects.get().outcome == "address_blocked"


def test_an_address_that_was_taken_away_meanwhile_ends_it(world, httpserver):
    tokens_of(world)
    world.browser.post("/accounts/sign-out/")
    deliver_due()
    Client.objects.update(backchannel_logout_uri="")

    backchannel.send_due()

    assert LogoutNotice.objects.get().outcome == "no_address"
    assert httpserver.log == []


# --- What it is not -------------------------------------------------------------------------------


def test_a_logout_token_is_no_id_token_and_no_access_token(world, told, client):
    tokens_of(world)
    world.browser.post("/accounts/sign-out/")
    run()
    (token,) = told()

    assert id_tokens.read_hint(token) is None
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/oauth/userinfo", headers=headers).status_code == 401


def test_what_is_over_is_cleared_away_and_what_runs_stays(world, told):
    tokens_of(world)
    ended = world.browser
    world.browser = sign_in(world)
    tokens_of(world)
    ended.post("/accounts/sign-out/")
    run()
    SignIn.objects.exclude(ended_at=None).update(ended_at=timezone.now() - timedelta(days=8))

    tasks.purge_expired()

    assert SignIn.objects.get().ended_at is None
    assert not LogoutNotice.objects.exists()
