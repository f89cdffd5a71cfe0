"""A withdrawal against an exchange, a refresh and the calls that go on meanwhile: S1, S3."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from consent.arrangements.models import Arrangement
from consent.oauth.models import AccessToken, RefreshToken
from portal.events.models import Event
from tests.factories.gateway import Gate, make_gate
from tests.factories.oauth import World
from tests.races.threads import Halt, at_once, live_tokens, running, withdraw

pytestmark = pytest.mark.django_db(transaction=True)
INTERLEAVINGS = 200
ROUNDS = 12
CLAIM_OF_CODE = "UPDATE oauth_grant"
CLAIM_OF_REFRESH = "UPDATE oauth_refreshtoken"
SAVE = 'INSERT INTO "oauth_accesstoken"'


@pytest.fixture
def gate(transactional_db) -> Gate:
    return make_gate()


@pytest.fixture
def world(gate) -> World:
    return gate.world


@dataclass
class Customer:
    """Stops sharing once, and knows when that was committed."""

    world: World
    arrangement: Arrangement
    committed_at: float = 0.0

    def stop(self) -> None:
        withdraw(self.world, self.arrangement)
        self.committed_at = time.monotonic()


@dataclass
class Partner:
    """Turns a code or a refresh token into a token and calls with it until it is refused."""

    gate: Gate
    calls: list[tuple[float, str]] = field(default_factory=list)

    def use(self, ask: Any) -> Any:
        answer = ask()
        while answer.status_code == 200 and len(self.calls) < 3:
            began_at = time.monotonic()
            said = self.gate.ask(answer.json()["access_token"])
            self.calls.append((began_at, said.get("X-Portal-Reason", "allowed")))
            if self.calls[-1][1] != "allowed":
                break
        return answer


def test_s1_a_withdrawal_against_an_exchange_in_200_interleavings(gate, world):
    order = {200: 0, 400: 0}
    for seed in range(INTERLEAVINGS):
        code, arrangement = world.agreed(), running()
        customer, partner = Customer(world, arrangement), Partner(gate)

        answer, _ = at_once(
            partial(partner.use, partial(world.exchange, code)), customer.stop, seed=seed
        )

        order[answer.status_code] += 1
        assert not live_tokens(arrangement=arrangement)
        reasons = {reason for began_at, reason in partner.calls}
        assert reasons <= {"allowed", "consent_withdrawn"}
        late = [reason for began_at, reason in partner.calls if began_at > customer.committed_at]
        assert "allowed" not in late
        if answer.status_code == 200:
            last = gate.ask(answer.json()["access_token"])
            assert last["X-Portal-Reason"] == "consent_withdrawn"
        else:
            assert answer.json()["error"] == "invalid_grant"
            assert not AccessToken.objects.of_arrangement(arrangement.pk).exists()
            assert not RefreshToken.objects.of_arrangement(arrangement.pk).exists()
        told = Event.objects.about(arrangement).filter(kind="consent.arrangement.withdrawn")
        assert told.count() == 1
    assert not live_tokens()
    # The seeds lead both ways, or the interleavings prove nothing.
    assert min(order.values()) >= 10, order
    assert sum(order.values()) == INTERLEAVINGS


def test_s1_what_passed_validation_is_saved_before_the_withdrawal_or_never(gate, world):
    """There is no moment between: whoever validated holds the sharing until the tokens are in."""
    for words in (CLAIM_OF_CODE, SAVE):
        code, arrangement = world.code(), running()
        halt, customer = Halt(words), Customer(world, arrangement)

        with ThreadPoolExecutor(2) as pool:
            exchange = pool.submit(at_once, halt.around(partial(world.exchange, code)))
            assert halt.reached.wait(timeout=10)
            stop = pool.submit(at_once, customer.stop)
            time.sleep(0.2)
            assert not stop.done(), "the withdrawal did not wait for the exchange"
            halt.go.set()
            (answer,) = exchange.result(timeout=10)
            stop.result(timeout=10)

        assert answer.status_code == 200
        assert not live_tokens()
        said = gate.ask(answer.json()["access_token"])
        assert said["X-Portal-Reason"] == "consent_withdrawn"
        arrangement.refresh_from_db()
        assert arrangement.status == "withdrawn"


def test_s1_an_exchange_that_finds_a_withdrawal_under_way_waits_and_gets_nothing(world):
    code, arrangement = world.code(), running()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Customer(world, arrangement).stop()
            waiting = pool.submit(at_once, partial(world.exchange, code))
            time.sleep(0.2)
            assert not waiting.done()
        (answer,) = waiting.result(timeout=10)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not AccessToken.objects.exists()
    assert not RefreshToken.objects.exists()


# --- S3 -----------------------------------------------------------------------------------------


def test_s3_a_refresh_that_comes_after_the_withdrawal_gets_no_pair(world):
    body = world.exchange(world.code()).json()
    halt, customer = Halt("FOR NO KEY UPDATE"), Customer(world, running())

    with ThreadPoolExecutor(1) as pool:
        refresh = pool.submit(at_once, halt.around(partial(world.refresh, body["refresh_token"])))
        # The client has proved itself and the request is read; the token is about to be.
        assert halt.reached.wait(timeout=10)
        customer.stop()
        halt.go.set()
        ((answer,)) = refresh.result(timeout=10)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (AccessToken.objects.count(), RefreshToken.objects.count()) == (1, 1)
    assert not live_tokens()


def test_s3_a_refresh_that_finds_a_withdrawal_under_way_waits_and_gets_nothing(world):
    body = world.exchange(world.code()).json()
    arrangement = running()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Customer(world, arrangement).stop()
            waiting = pool.submit(at_once, partial(world.refresh, body["refresh_token"]))
            time.sleep(0.2)
            assert not waiting.done()
        (answer,) = waiting.result(timeout=10)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (AccessToken.objects.count(), RefreshToken.objects.count()) == (1, 1)
    assert not live_tokens()


@pytest.mark.parametrize("words", [CLAIM_OF_REFRESH, SAVE], ids=["validated", "claimed"])
def test_s3_a_refresh_that_was_validated_is_over_before_the_withdrawal(gate, world, words):
    body = world.exchange(world.code()).json()
    halt, customer = Halt(words), Customer(world, running())

    with ThreadPoolExecutor(2) as pool:
        refresh = pool.submit(at_once, halt.around(partial(world.refresh, body["refresh_token"])))
        assert halt.reached.wait(timeout=10)
        stop = pool.submit(at_once, customer.stop)
        time.sleep(0.2)
        assert not stop.done(), "the withdrawal did not wait for the refresh"
        halt.go.set()
        (answer,) = refresh.result(timeout=10)
        stop.result(timeout=10)

    assert answer.status_code == 200
    assert not live_tokens()
    said = gate.ask(answer.json()["access_token"])
    assert said["X-Portal-Reason"] == "consent_withdrawn"


def test_s3_a_withdrawal_against_a_refresh_in_any_order_leaves_nothing(gate, world):
    for seed in range(ROUNDS):
        body, arrangement = world.exchange(world.agreed()).json(), running()
        customer, partner = Customer(world, arrangement), Partner(gate)

        answer, _ = at_once(
            partial(partner.use, partial(world.refresh, body["refresh_token"])),
            customer.stop,
            seed=seed,
        )

        assert answer.status_code in {200, 400}, answer.content
        assert not live_tokens()
        late = [reason for began_at, reason in partner.calls if began_at > customer.committed_at]
        assert "allowed" not in late
        pairs = 2 if answer.status_code == 200 else 1
        assert AccessToken.objects.of_arrangement(arrangement.pk).count() == pairs


def test_s3_the_answer_that_is_given_again_within_the_grace_is_not_after_a_withdrawal(gate, world):
    """A lost answer is given again for thirty seconds (decision 4): not once sharing has ended."""
    for seed in range(ROUNDS):
        body, arrangement = world.exchange(world.agreed()).json(), running()
        second = world.refresh(body["refresh_token"]).json()
        customer = Customer(world, arrangement)

        again, _ = at_once(partial(world.refresh, body["refresh_token"]), customer.stop, seed=seed)

        assert again.status_code in {200, 400}, again.content
        if again.status_code == 200:
            assert again.json()["access_token"] == second["access_token"]
        assert not live_tokens()
        assert gate.ask(second["access_token"])["X-Portal-Reason"] == "consent_withdrawn"
        assert world.refresh(body["refresh_token"]).json()["error"] == "invalid_grant"
        assert AccessToken.objects.of_arrangement(arrangement.pk).count() == 2
    assert not Event.objects.filter(kind="consent.refresh.replayed").exists()
