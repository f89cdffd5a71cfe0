"""From the question to a token, to a fresh one, to none."""

from __future__ import annotations

import pytest

from consent.arrangements.changing import narrow_arrangement
from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement
from consent.oauth.models import AccessToken, Grant, RefreshToken
from consent.oauth.tokens import read_access_token
from partners.organizations.actors import actor_of
from portal.events.models import Event
from tests.factories.oauth import World, answer_of


def withdraw(world: World) -> None:
    withdraw_arrangement(Arrangement.objects.get(), by=actor_of(world.customer.user))


def test_what_was_chosen_is_what_the_token_may_do(world):
    code = world.code("extra:read")

    answer = world.exchange(code)

    body = answer.json()
    assert answer.status_code == 200, body
    assert body["token_type"] == "Bearer"
    assert body["scope"] == "need:read extra:read open:read"
    assert 290 < body["expires_in"] <= 300
    assert answer["Cache-Control"] == "no-store"
    token = read_access_token(body["access_token"])
    assert token.arrangement == Arrangement.objects.get()
    assert token.user == world.customer.user


def test_an_optional_thing_is_off_until_it_is_switched_on(world):
    body = world.exchange(world.code()).json()

    assert body["scope"] == "need:read open:read"


def test_nothing_that_opens_a_door_is_kept_as_it_is(world, superuser):
    code = world.code()
    body = world.exchange(code).json()

    kept = str(
        [
            *Grant.objects.values(),
            *AccessToken.objects.values(),
            *RefreshToken.objects.values(),
            *Event.objects.values(),
        ]
    )
    for secret in (code, body["access_token"], body["refresh_token"], world.secret):
        assert secret not in kept
        assert secret[4:] not in kept


def test_the_state_comes_back_as_it_went_out_and_the_issuer_with_it(world):
    answer = answer_of(world.decide(world.ask()))

    assert answer["state"] == "s t/a?t&e=ü"
    assert answer["iss"] == "http://testserver"


def test_a_refresh_gives_a_new_pair_with_the_same_scopes(world):
    first = world.exchange(world.code("extra:read")).json()

    second = world.refresh(first["refresh_token"])

    body = second.json()
    assert second.status_code == 200, body
    assert body["scope"] == first["scope"]
    assert body["refresh_token"] != first["refresh_token"]
    assert body["access_token"] != first["access_token"]


def test_a_narrower_refresh_does_not_shrink_what_comes_later(world):
    first = world.exchange(world.code("extra:read")).json()

    second = world.refresh(first["refresh_token"], scope="need:read").json()
    third = world.refresh(second["refresh_token"]).json()

    assert second["scope"] == "need:read"
    assert third["scope"] == "need:read extra:read open:read"


def test_a_wider_refresh_is_refused_and_costs_nothing(world):
    first = world.exchange(world.code()).json()

    wider = world.refresh(first["refresh_token"], scope="need:read extra:read")

    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")
    assert world.refresh(first["refresh_token"]).status_code == 200


def test_what_the_customer_switches_off_is_gone_from_the_next_refresh_for_good(world):
    first = world.exchange(world.code("extra:read")).json()
    arrangement = Arrangement.objects.get()
    narrow_arrangement(arrangement, by=actor_of(world.customer.user), keep=["need:read"])

    second = world.refresh(first["refresh_token"]).json()
    again = world.refresh(second["refresh_token"], scope="extra:read")
    world.code("extra:read")
    later = world.refresh(second["refresh_token"]).json()

    assert second["scope"] == "need:read open:read"
    assert again.json()["error"] == "invalid_scope"
    assert later["scope"] == "need:read open:read"


def test_b13_a_withdrawal_ends_codes_and_refresh_tokens_at_once(world):
    body = world.exchange(world.code()).json()
    hoarded = world.code()

    withdraw(world)

    assert world.exchange(hoarded).json()["error"] == "invalid_grant"
    assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
    assert not read_access_token(body["access_token"]).is_live(
        at=Arrangement.objects.get().ended_at
    )


@pytest.mark.parametrize("step", ["exchange", "refresh", "introspect"])
def test_a_person_who_was_shut_out_gives_no_access(world, step):
    code = world.code()
    body = world.exchange(code).json() if step != "exchange" else {}
    user = world.customer.user
    user.is_active = False
    user.save()

    if step == "exchange":
        assert world.exchange(code).json()["error"] == "invalid_grant"
    elif step == "refresh":
        assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
    else:
        answer = world.post("/oauth/introspect", token=body["access_token"])
        assert answer.json() == {"active": False}
