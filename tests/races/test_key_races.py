"""Several threads and processes on real PostgreSQL: one signing key, known everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from consent.keys import actions, jws, ring, tasks
from consent.keys.jws import BadSignature
from consent.keys.models import SigningKey
from portal.access.actors import SYSTEM
from portal.demo import engines
from portal.events.models import Event
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 6


def statuses(algorithm: str) -> list[str]:
    keys = SigningKey.objects.filter(algorithm=algorithm).order_by("pk")
    return list(keys.values_list("status", flat=True))


def test_processes_that_start_together_make_one_signing_key_of_each_algorithm():
    raws = at_once(*[partial(jws.sign, {}, typ="x", algorithm="EdDSA")] * THREADS)

    assert statuses("ES256") == statuses("EdDSA") == ["active", "published"]
    assert all(jws.read(raw, typ="x") == {} for raw in raws)


def test_rotations_at_once_are_one():
    actions.ensure()

    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        chosen = at_once(*[partial(actions.rotate, "ES256", by=SYSTEM)] * THREADS)

    assert len({key.kid for key in chosen}) == 1
    assert statuses("ES256") == ["retiring", "active", "published"]
    assert Event.objects.filter(kind="consent.key.rotation_asked").count() == 1


def test_jobs_at_once_write_down_once():
    actions.ensure()

    with time_machine.travel(timezone.now() + timedelta(days=90), tick=False):
        at_once(*[tasks.rotate_due_keys] * THREADS)

    assert statuses("ES256") == ["retiring", "active", "published"]


def test_a_compromise_and_a_rotation_at_once_leave_one_signer_and_a_spare():
    actions.ensure()
    victim = SigningKey.objects.get(algorithm="ES256", status="active")

    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        at_once(
            partial(actions.compromise, victim.kid, by=SYSTEM, reason="test"),
            partial(actions.rotate, "ES256", by=SYSTEM),
            partial(actions.compromise, victim.kid, by=SYSTEM, reason="test"),
        )

    assert statuses("ES256").count("active") == statuses("ES256").count("published") == 1
    assert statuses("ES256").count("compromised") == 1


def test_keys_of_a_transaction_that_failed_sign_nothing():
    with transaction.atomic():
        lost = jws.sign({}, typ="x")
        assert jws.read(lost, typ="x") == {}
        transaction.set_rollback(True)

    with pytest.raises(BadSignature):
        jws.read(lost, typ="x")
    assert set(SigningKey.objects.values_list("kid", flat=True)) == {
        key["kid"] for key in jws.jwks()["keys"]
    }


def test_another_thread_does_not_see_keys_that_are_not_committed():
    with transaction.atomic():
        raw = jws.sign({}, typ="x")
        assert ring._shared is None or not ring._shared.keys
    assert jws.read(raw, typ="x") == {}


def test_a_ring_from_before_finds_the_keys_that_another_process_made():
    jws.jwks()
    at_once(partial(_make_elsewhere, "PS256"))

    assert jws.read(jws.sign({}, typ="x", algorithm="PS256"), typ="x") == {}
    assert statuses("PS256") == ["active", "published"]


def test_a_compromise_in_another_process_is_known_here_two_seconds_later(monkeypatch):
    now = 100.0
    monkeypatch.setattr(ring, "_monotonic", lambda: now)
    raw = jws.sign({}, typ="x")
    kid = SigningKey.objects.get(algorithm="ES256", status="active").kid

    _manage("compromise_key", kid, "--reason", "test")

    assert jws.read(raw, typ="x") == {}, "The ring is warm: nothing has told this process."
    now += ring.MAX_AGE_SECONDS
    assert ring.MAX_AGE_SECONDS < 5
    with pytest.raises(BadSignature):
        jws.read(raw, typ="x")
    assert kid not in {key["kid"] for key in jws.jwks()["keys"]}
    assert jws.read(jws.sign({}, typ="x"), typ="x") == {}


def _make_elsewhere(algorithm: str) -> None:
    """Do what another process would: this one's ring hears nothing of it."""
    known = ring._shared
    actions.ensure(algorithm)
    ring._shared = known


def _manage(*arguments: str) -> None:
    sockets = Path(os.environ["PORTAL_TEST_SOCKETS"])
    database = engines.urls(sockets, str(connection.settings_dict["NAME"]))
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, **database.environment()},
        check=True,
    )
