from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from consent.gateway import limits
from consent.gateway.limits import count_call


def client() -> str:
    return f"client-{uuid4().hex}"


def test_a_window_lets_exactly_its_number_of_calls_through_at_once():
    name = client()

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: count_call(name, 1, ((3600, 20),)), range(60)))

    assert sum(count.is_allowed for count in counts) == 20


def test_a_refused_call_is_told_how_long_to_wait():
    name = client()
    first = count_call(name, 1, ((60, 1),))
    second = count_call(name, 1, ((60, 1),))

    assert first.is_allowed
    assert not second.is_allowed
    assert 59_000 < second.retry_after_ms <= 60_000


def test_the_tightest_limit_speaks_and_a_refusal_uses_up_none():
    name = client()
    both = ((3600, 2), (1800, 50))
    assert count_call(name, 1, both).remaining == 1
    assert count_call(name, 1, both).remaining == 0

    refused = count_call(name, 1, both)

    assert (refused.window_seconds, refused.call_count) == (3600, 2)
    assert count_call(name, 1, ((1800, 50),)).remaining == 47


def test_two_clients_and_two_plans_count_apart():
    name = client()

    assert count_call(name, 1, ((3600, 1),)).is_allowed
    assert count_call(name, 2, ((3600, 1),)).is_allowed
    assert count_call(client(), 1, ((3600, 1),)).is_allowed


def test_no_limit_counts_nothing():
    assert count_call(client(), 1, ()) is None


@pytest.fixture
def redis_away(settings):
    limits._script.cache_clear()
    settings.RATE_LIMIT_REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    yield
    limits._script.cache_clear()


def test_a_call_passes_uncounted_while_redis_is_away(redis_away):
    assert count_call(client(), 1, ((1, 1),)) is None
