"""A client's keys at its own address (F2, F24): kept, renewed, never asked for too often."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from consent.proofs import jwks_uri
from consent.proofs.errors import InvalidClient
from consent.proofs.jwks_uri import FRESH, MAX_FETCHES, STALE_LIMIT, keys_of
from consent.proofs.store import StoreAway, store
from portal.jwks import MAX_BYTES
from tests.consent.proofs.protocol.signing import AT, jwk, key

MOMENT = timedelta(seconds=1)


class Address:
    """Where one client publishes its keys; `answer` may change, `asked` counts the questions."""

    def __init__(self, server: HTTPServer) -> None:
        self.client_id = secrets.token_hex(8)
        self.path = f"/{self.client_id}/jwks.json"
        self.uri = server.url_for(self.path)
        self.asked = 0
        self.answer: Callable[[], Response] = lambda: Response(status=500)
        server.expect_request(self.path).respond_with_handler(self._respond)

    def publish(self, *keys: dict[str, Any]) -> None:
        text = jwk_set(*keys)
        self.answer = lambda: Response(text, content_type="application/json")

    def fail(self) -> None:
        self.answer = lambda: Response(status=500)

    def keys(self, *, kid: str = "a", at: datetime = AT) -> list[str]:
        header = {"alg": "ES256", "kid": kid}
        return [found.kid for found in keys_of(self.client_id, self.uri, header=header, at=at)]

    def _respond(self, _: Request) -> Response:
        self.asked += 1
        return self.answer()


def jwk_set(*keys: dict[str, Any]) -> bytes:

    return json.dumps({"keys": keys}).encode()


@pytest.fixture
def address(httpserver) -> Address:
    made = Address(httpserver)
    made.publish(jwk(kid="a"))
    return made


def another_minute(address: Address) -> None:
    """Give the client its turns back, as Redis does after a minute."""
    store().delete(f"jwks-turns:{address.client_id}")


def test_keys_are_fetched_once_and_kept(address):
    assert address.keys() == ["a"]
    assert address.keys(at=AT + FRESH - MOMENT) == ["a"]

    assert address.asked == 1


def test_keys_are_asked_for_again_when_they_are_old(address):
    address.keys()
    address.publish(jwk(number=1, kid="a2"))

    assert address.keys(kid="a2", at=AT + FRESH) == ["a2"]
    assert address.asked == 2


def test_a_new_kid_is_found_at_once(address):
    address.keys()
    address.publish(jwk(kid="a"), jwk(number=1, kid="b"))

    assert address.keys(kid="b") == ["a", "b"]
    assert address.asked == 2


def test_made_up_kids_do_not_make_us_ask_without_end(address):
    for number in range(12):
        assert address.keys(kid=f"junk-{number}") == ["a"]

    assert address.asked == MAX_FETCHES
    assert address.keys() == ["a"]


def test_the_turns_are_for_a_minute_and_of_each_client(address, httpserver):
    for number in range(10):
        address.keys(kid=f"junk-{number}")
    another = Address(httpserver)
    another.publish(jwk(kid="x"))

    assert another.keys(kid="x") == ["x"]
    assert 0 < store().ttl(f"jwks-turns:{address.client_id}") <= 60


def test_an_address_that_fails_is_forgiven_for_a_while(address):
    address.keys()
    address.fail()

    assert address.keys(at=AT + STALE_LIMIT - MOMENT) == ["a"]
    with pytest.raises(InvalidClient, match="jwks_uri"):
        address.keys(at=AT + STALE_LIMIT)
    assert address.asked == 3


def test_a_set_that_cannot_be_used_does_not_replace_a_good_one(address):
    address.keys()
    address.publish(key(number=1).as_dict(private=True))

    assert address.keys(at=AT + FRESH) == ["a"]


def test_an_address_that_never_answered_well_lets_nobody_in(address):
    address.fail()

    for _ in range(MAX_FETCHES + 3):
        with pytest.raises(InvalidClient):
            address.keys()
    assert address.asked == MAX_FETCHES

    another_minute(address)
    address.publish(jwk(kid="a"))
    assert address.keys() == ["a"]


BAD_ANSWERS = {
    "too-large": lambda: Response(b" " * (MAX_BYTES + 1)),
    "not-json": lambda: Response(b"<html>"),
    "not-utf-8": lambda: Response(b"\xff"),
    "not-found": lambda: Response(status=404),
    "into-our-network": lambda: Response(status=302, headers={"Location": "http://10.0.0.1/"}),
    "no-keys": lambda: Response(b'{"keys": []}'),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_bad_answer_lets_nobody_in(address, answer):
    address.answer = answer

    with pytest.raises(InvalidClient):
        address.keys()


def test_an_address_inside_our_network_is_not_asked(address, settings):
    settings.OUTBOUND_ALLOWED_HOSTS = []

    with pytest.raises(InvalidClient):
        address.keys()
    assert address.asked == 0


def test_keys_of_a_former_address_are_not_used(address, httpserver):
    address.keys()
    httpserver.expect_request("/moved").respond_with_data(jwk_set(jwk(number=1, kid="b")))

    header = {"alg": "ES256", "kid": "a"}
    found = keys_of(address.client_id, httpserver.url_for("/moved"), header=header, at=AT)
    assert [each.kid for each in found] == ["b"]


def test_without_redis_nobody_is_let_in(address, settings):
    settings.RATE_LIMIT_REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    store.cache_clear()
    try:
        with pytest.raises(StoreAway):
            address.keys()
    finally:
        store.cache_clear()
    assert address.asked == 0


def test_what_is_kept_is_gone_after_the_limit(address):
    address.keys()

    left = store().ttl(jwks_uri._name(address.client_id, address.uri))
    assert 0 < left <= STALE_LIMIT.total_seconds()
