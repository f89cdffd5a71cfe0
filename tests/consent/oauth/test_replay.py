"""A proof or an assertion works once (RFC 9449 §11.1, RFC 7523 §3), whoever asks where."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from consent.proofs.replay import Kind, Replayed, _name, claim
from consent.proofs.store import StoreAway, store

MINUTE = timedelta(minutes=1)


@pytest.fixture
def once() -> tuple[str, str, str]:
    """Return what no other test has used."""
    return ("a-key", secrets.token_urlsafe(), "https://as.example/oauth/token")


@pytest.fixture
def redis_away(settings):
    settings.RATE_LIMIT_REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    store.cache_clear()
    yield
    store.cache_clear()


@pytest.mark.parametrize("kind", Kind)
def test_the_second_use_is_refused(kind, once):
    claim(kind, once, lifetime=MINUTE)

    with pytest.raises(Replayed, match=f"This {kind} was used before"):
        claim(kind, once, lifetime=MINUTE)


def test_a_proof_is_one_for_its_key_id_and_address(once):
    key, jti, url = once
    claim(Kind.PROOF, once, lifetime=MINUTE)

    claim(Kind.PROOF, ("another-key", jti, url), lifetime=MINUTE)
    claim(Kind.PROOF, (key, f"{jti}x", url), lifetime=MINUTE)
    claim(Kind.PROOF, (key, jti, f"{url}x"), lifetime=MINUTE)
    claim(Kind.ASSERTION, once, lifetime=MINUTE)


def test_parts_cannot_be_shifted_into_one_another(once):
    claim(Kind.ASSERTION, (once[1], "a,b"), lifetime=MINUTE)

    claim(Kind.ASSERTION, (f"{once[1]},a", "b"), lifetime=MINUTE)
    claim(Kind.ASSERTION, (f'{once[1]}", "a', "b"), lifetime=MINUTE)


@pytest.mark.parametrize(
    ("lifetime", "kept"),
    [(MINUTE, 60_000), (timedelta(seconds=0.0001), 1), (timedelta(seconds=-5), 1)],
)
def test_it_is_remembered_as_long_as_it_could_be_used(once, lifetime, kept):
    claim(Kind.PROOF, once, lifetime=lifetime)

    # Two seconds for a slow machine; the shortest one may be over already.
    left = store().pttl(_name(Kind.PROOF, once))
    assert kept - 2_000 <= left <= kept


def test_of_many_at_once_one_wins(once):
    together = Barrier(8)

    def ask(_: int) -> bool:
        together.wait(timeout=30)
        try:
            claim(Kind.PROOF, once, lifetime=MINUTE)
        except Replayed:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(8))) == 1


def test_while_redis_is_away_nothing_is_accepted(once, redis_away):
    with pytest.raises(StoreAway) as refusal:
        claim(Kind.PROOF, once, lifetime=MINUTE)

    assert (refusal.value.status, refusal.value.code) == (503, "temporarily_unavailable")
