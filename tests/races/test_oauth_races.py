"""Codes and tokens under real threads: one use, one answer, nothing after a withdrawal."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.utils import timezone

from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement, ArrangementVersion
from consent.oauth.models import AccessToken, AuthorizationIntent, Grant, RefreshToken
from consent.oauth.tokens import read_access_token
from partners.organizations.actors import actor_of
from portal.events.models import Event
from tests.factories.consent import CustomerFactory
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 25


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Run the deeds at the same moment, give or take what scatters their order."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            time.sleep(random.random() / 100)  # noqa: S311 - scatter, not secrecy
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def running() -> Arrangement:
    return Arrangement.objects.get(status=Arrangement.Status.ACTIVE)


def withdraw(world: World, arrangement: Arrangement) -> None:
    withdraw_arrangement(arrangement, by=actor_of(world.customer.user))


def live_tokens() -> list[Any]:
    now = timezone.now()
    access = AccessToken.objects.select_related(
        "application__application__organization", "arrangement", "user"
    )
    refresh = RefreshToken.objects.select_related("arrangement", "user")
    return [token for token in [*access, *refresh] if token.is_live(at=now)]


def test_a_withdrawal_during_an_exchange_leaves_nothing_that_lives(world):
    for _ in range(ROUNDS):
        code, arrangement = world.code(), running()

        answer, _ = at_once(partial(world.exchange, code), partial(withdraw, world, arrangement))

        assert answer.status_code in {200, 400}, answer.content
        assert not live_tokens()
        if answer.status_code == 400:
            assert answer.json()["error"] == "invalid_grant"
            assert not AccessToken.objects.filter(arrangement=arrangement).exists()
            assert not RefreshToken.objects.filter(arrangement=arrangement).exists()
        else:
            token = read_access_token(answer.json()["access_token"])
            assert token.epoch < token.arrangement.epoch
    assert Event.objects.filter(kind="consent.arrangement.withdrawn").count() == ROUNDS


def test_an_exchange_waits_for_a_withdrawal_that_was_first(world):
    code, arrangement = world.code(), running()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            withdraw(world, arrangement)
            waiting = pool.submit(at_once, partial(world.exchange, code))
            time.sleep(0.3)
            assert not waiting.done()
        (answer,) = waiting.result(timeout=10)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not AccessToken.objects.exists()
    assert not RefreshToken.objects.exists()


def test_a_refresh_waits_for_a_withdrawal_that_was_first(world):
    body = world.exchange(world.code()).json()
    arrangement = running()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            withdraw(world, arrangement)
            waiting = pool.submit(at_once, partial(world.refresh, body["refresh_token"]))
            time.sleep(0.3)
            assert not waiting.done()
        (answer,) = waiting.result(timeout=10)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (AccessToken.objects.count(), RefreshToken.objects.count()) == (1, 1)
    assert not live_tokens()


def test_a_withdrawal_during_a_refresh_leaves_nothing_that_lives(world):
    for _ in range(ROUNDS):
        body, arrangement = world.exchange(world.code()).json(), running()

        answer, _ = at_once(
            partial(world.refresh, body["refresh_token"]), partial(withdraw, world, arrangement)
        )

        assert answer.status_code in {200, 400}, answer.content
        assert not live_tokens()
        pairs = 2 if answer.status_code == 200 else 1
        assert AccessToken.objects.filter(arrangement=arrangement).count() == pairs


def test_of_two_exchanges_one_gets_tokens_and_they_end(world):
    """RFC 6749 §4.1.2: the second use is a replay, so what the first one got is revoked."""
    for _ in range(ROUNDS):
        code = world.code()

        answers = at_once(partial(world.exchange, code), partial(world.exchange, code))

        assert sorted(answer.status_code for answer in answers) == [200, 400]
        family = Grant.objects.get(used_at__isnull=False, expires__gt=timezone.now()).family
        assert not AccessToken.objects.filter(family=family, revoked_at=None).exists()
        assert not RefreshToken.objects.filter(token_family=family, revoked=None).exists()
        Grant.objects.all().delete()
    assert Event.objects.filter(kind="consent.code.replayed").count() == ROUNDS


def test_of_two_approvals_of_one_page_one_counts(world):
    for round_ in range(1, ROUNDS + 1):
        page = world.ask(state=str(round_))

        answers = at_once(partial(world.decide, page), partial(world.decide, page))

        assert sorted(answer.status_code for answer in answers) == [303, 409]
        assert ArrangementVersion.objects.count() == round_
        assert Grant.objects.count() == round_


def test_of_two_tabs_that_opened_at_the_same_moment_one_counts(world):
    for round_ in range(1, ROUNDS + 1):
        page = world.ask(state=str(round_))
        # Neither tab saw the other's row: each has its own.
        first = page.context["intent"]
        second = AuthorizationIntent.objects.get(pk=first.pk)
        second.pk = uuid4()
        second.save(force_insert=True)

        answers = at_once(
            partial(world.decide, page),
            partial(world.decide, SimpleNamespace(context={"intent": second})),
        )

        assert sorted(answer.status_code for answer in answers) == [303, 409]
        assert Grant.objects.count() == round_


def test_of_two_people_with_one_request_uri_one_decides(world):
    other = Browser()
    other.force_login(CustomerFactory().user)
    for round_ in range(1, ROUNDS + 1):
        uri = world.pushed()
        mine, theirs = world.open(uri), world.open(uri, browser=other)

        answers = at_once(
            partial(world.decide, mine, "allow" if round_ % 2 else "deny"),
            partial(world.decide, mine),
            partial(world.decide, theirs, browser=other),
        )

        assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
        decided = AuthorizationIntent.objects.filter(pushed__used_at__isnull=False)
        assert decided.exclude(decided_at=None).count() == round_


def test_four_refreshes_at_once_get_the_same_pair(world):
    body = world.exchange(world.code()).json()
    for round_ in range(ROUNDS):
        answers = at_once(*[partial(world.refresh, body["refresh_token"])] * 4)

        assert {answer.status_code for answer in answers} == {200}, [a.content for a in answers]
        pairs = {(a.json()["access_token"], a.json()["refresh_token"]) for a in answers}
        assert len(pairs) == 1
        assert RefreshToken.objects.filter(revoked=None).count() == 1
        assert AccessToken.objects.count() == round_ + 2
        body = answers[0].json()
    assert RefreshToken.objects.values("token_family").distinct().count() == 1
    assert not Event.objects.filter(kind="consent.refresh.replayed").exists()


def test_four_refreshes_at_once_of_a_bound_client_leave_one_family():
    world = make_fapi_world()
    body = world.exchange(world.code()).json()

    answers = at_once(*[lambda: world.refresh(body["refresh_token"])] * 4)

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["refresh_token"] for answer in answers} == {body["refresh_token"]}
    assert len(set(AccessToken.objects.values_list("family", flat=True))) == 1


def test_of_four_uses_of_one_assertion_one_counts():
    world = make_fapi_world()
    assertion = world.assertion()
    ask = partial(
        world.post, assertion=assertion, grant_type="client_credentials", scope="open:read"
    )

    answers = at_once(*[ask] * 4)

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
