from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from consent.keys import actions, jws, ring, tasks
from consent.keys.jws import BadSignature
from consent.keys.models import SigningKey
from portal.access.actors import STAFF_ROLES, SYSTEM, Actor, Role
from portal.errors import Conflict, NotAllowed, NotFound
from portal.events.models import Event

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
# Longer than any token lives.
LIFETIME = timedelta(hours=12)
Status = SigningKey.Status


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def statuses(algorithm: str = "ES256") -> list[str]:
    keys = SigningKey.objects.filter(algorithm=algorithm).order_by("pk")
    return list(keys.values_list("status", flat=True))


def signer(algorithm: str = "ES256") -> SigningKey:
    return SigningKey.objects.signing(at=timezone.now()).get(algorithm=algorithm)


def spare(algorithm: str = "ES256") -> SigningKey:
    return SigningKey.objects.get(algorithm=algorithm, status=Status.PUBLISHED)


def published_kids() -> set[str]:
    return {key["kid"] for key in jws.jwks()["keys"]}


def kinds(key: SigningKey) -> list[str]:
    events = Event.objects.about(key).order_by("pk")
    return [event.kind.rpartition(".")[2] for event in events]


# --- The plan ---------------------------------------------------------------------------------


def test_the_first_question_makes_a_signing_key_and_a_published_spare(clock):
    actions.ensure()
    actions.ensure()

    assert statuses("ES256") == statuses("EdDSA") == ["active", "published"]
    assert statuses("PS256") == []
    assert kinds(signer()) == ["published", "activated"]
    assert signer().retiring_at == spare().activated_at == START + 90 * DAY


def test_keys_change_by_the_clock_without_any_job(clock):
    actions.ensure()
    first, second = signer(), spare()

    clock.move_to(START + 90 * DAY - SECOND)
    assert signer() == first
    clock.move_to(START + 90 * DAY)
    assert signer() == second
    old = jws.sign({}, typ="x")
    clock.move_to(START + 91 * DAY - SECOND)
    assert first.kid in published_kids()
    clock.move_to(START + 91 * DAY)
    assert first.kid not in published_kids()

    assert statuses() == ["active", "published"]
    assert jws.read(old, typ="x") == {}


def test_the_job_writes_down_what_the_clock_decided_and_plans_on(clock):
    actions.ensure()
    first, second = signer(), spare()

    clock.move_to(START + 90 * DAY)
    assert tasks.rotate_due_keys() == 6
    assert statuses() == ["retiring", "active", "published"]
    clock.move_to(START + 91 * DAY)
    assert tasks.rotate_due_keys() == 2

    assert statuses() == ["retired", "active", "published"]
    assert kinds(first) == ["published", "activated", "retiring", "retired"]
    first.refresh_from_db()
    assert first.sealed_private == ""
    assert signer() == second
    assert spare().activated_at == signer().retiring_at == START + 180 * DAY


def test_a_job_that_runs_again_changes_nothing(clock):
    actions.ensure()
    clock.move_to(START + 90 * DAY)
    tasks.rotate_due_keys()
    before = list(SigningKey.objects.order_by("pk").values())

    assert tasks.rotate_due_keys() == 0

    assert list(SigningKey.objects.order_by("pk").values()) == before


def test_a_job_that_was_away_for_a_year_catches_up_and_keeps_the_lead(clock):
    actions.ensure()
    second = spare()

    clock.move_to(START + 365 * DAY)
    tasks.rotate_due_keys()

    assert statuses() == ["retired", "active", "published"]
    assert signer() == second
    assert spare().activated_at == START + 366 * DAY


# --- Rotation that is asked for ---------------------------------------------------------------


def test_a_spare_that_everybody_knows_takes_over_at_once(clock):
    actions.ensure()
    first, second = signer(), spare()
    clock.shift(2 * DAY)

    chosen = actions.rotate("ES256", by=SYSTEM)

    assert chosen == second == signer()
    assert statuses() == ["retiring", "active", "published"]
    assert kinds(first) == ["published", "activated", "rotation_asked", "retiring"]
    first.refresh_from_db()
    assert first.retired_at == START + 3 * DAY


def test_rotating_twice_is_rotating_once(clock):
    actions.ensure()
    clock.shift(2 * DAY)
    first = actions.rotate("ES256", by=SYSTEM)
    before = list(SigningKey.objects.order_by("pk").values())

    assert actions.rotate("ES256", by=SYSTEM) == first

    assert list(SigningKey.objects.order_by("pk").values()) == before


def test_a_spare_that_is_too_young_takes_over_when_it_is_old_enough(clock, settings):
    actions.ensure()
    clock.shift(2 * DAY)
    actions.compromise(spare().kid, by=SYSTEM, reason="test")
    clock.shift(timedelta(hours=1))
    first, second = signer(), spare()

    assert actions.rotate("ES256", by=SYSTEM) == second
    assert actions.rotate("ES256", by=SYSTEM) == second

    assert signer() == first
    assert kinds(first).count("rotation_asked") == 1
    clock.move_to(START + 3 * DAY - SECOND)
    assert signer() == first
    clock.move_to(START + 3 * DAY)
    assert signer() == second


def test_a_key_that_has_just_begun_is_not_rotated(clock):
    assert actions.rotate("PS256", by=SYSTEM) == signer("PS256")
    assert statuses("PS256") == ["active", "published"]


# --- Compromise -------------------------------------------------------------------------------


def test_a_compromised_key_counts_no_more_and_the_spare_signs(clock):
    raw = jws.sign({}, typ="x")
    first, second = signer(), spare()
    clock.shift(2 * DAY)

    actions.compromise(first.kid, by=SYSTEM, reason="seen in a paste")

    assert first.kid not in published_kids()
    assert signer() == second
    assert spare().published_at == timezone.now()
    with pytest.raises(BadSignature):
        jws.read(raw, typ="x")
    assert jws.read(jws.sign({}, typ="x"), typ="x") == {}
    first.refresh_from_db()
    assert (first.status, first.sealed_private) == ("compromised", "")
    assert Event.objects.get(kind="consent.key.compromised").facts["reason"] == "seen in a paste"


def test_a_compromised_key_is_not_trusted_at_any_instant(clock):
    actions.ensure()
    first = signer()

    actions.compromise(first.kid, by=SYSTEM, reason="test")

    for at in (START - DAY, START, START + DAY):
        assert first not in SigningKey.objects.published(at=at)
        assert first not in SigningKey.objects.signing(at=at)


@pytest.mark.parametrize("which", range(4))
def test_whichever_key_is_compromised_one_signs_and_a_spare_is_published(clock, which):
    actions.ensure()
    for days in (90, 90):
        clock.shift(days * DAY)
        tasks.rotate_due_keys()
    assert statuses() == ["retired", "retiring", "active", "published"]
    victim = SigningKey.objects.filter(algorithm="ES256").order_by("pk")[which]

    for _ in range(2):
        actions.compromise(victim.kid, by=SYSTEM, reason="test")

    assert statuses().count("active") == statuses().count("published") == 1
    assert statuses().count("compromised") == 1
    assert signer().status == "active"
    assert signer().retiring_at == spare().activated_at
    assert kinds(victim).count("compromised") == 1


def test_a_compromise_while_the_jobs_are_away_hits_the_key_that_signs(clock):
    actions.ensure()
    clock.shift(100 * DAY)
    victim = signer()
    assert victim.status == "published"

    actions.compromise(victim.kid, by=SYSTEM, reason="test")

    assert signer().kid in published_kids()
    assert victim.kid not in published_kids()
    assert statuses() == ["retired", "compromised", "active", "published"]


def test_an_unknown_key_cannot_be_compromised():
    with pytest.raises(NotFound):
        actions.compromise("x", by=SYSTEM, reason="test")


# --- Who, and what cannot be ------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_only_admins_and_security_rotate_and_give_up_keys(role):
    actions.ensure()
    by = Actor(id="user:1", name="Somebody", roles=frozenset({role}))
    deeds = [
        lambda: actions.rotate("ES256", by=by),
        lambda: actions.compromise(signer().kid, by=by, reason="test"),
    ]
    assert {Role.ADMIN, Role.SECURITY} < STAFF_ROLES

    for deed in deeds:
        if role in {Role.ADMIN, Role.SECURITY, Role.SYSTEM}:
            deed()
        else:
            with pytest.raises(NotAllowed):
                deed()


@pytest.mark.parametrize("status", Status)
def test_nothing_comes_back_from_the_end(status):
    actions.ensure()
    key = signer()
    actions.compromise(key.kid, by=SYSTEM, reason="test")
    key.refresh_from_db()

    with pytest.raises(Conflict):
        key.move_to(status)


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("published", {"status": "active"}),
        ("active", {"activated_at": None}),
        ("active", {"activated_at": START - DAY}),
        ("active", {"retired_at": None}),
        ("active", {"retiring_at": START - DAY}),
        ("active", {"retired_at": START + DAY}),
        ("active", {"status": "compromised", "sealed_private": ""}),
        ("active", {"compromised_at": START}),
        ("active", {"status": "retired"}),
        ("active", {"sealed_private": ""}),
        ("published", {"status": "pending"}),
        ("published", {"published_at": None}),
        ("published", {"status": "retiring"}),
        ("published", {"retiring_at": START + 91 * DAY, "retired_at": START + 92 * DAY}),
    ],
    ids=str,
)
def test_the_database_refuses_a_life_that_cannot_be(clock, status, changes):
    actions.ensure()
    row = SigningKey.objects.filter(algorithm="ES256", status=status)
    assert row.count() == 1

    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(**changes)


def test_the_model_and_its_queries_say_the_same_of_every_instant(clock):
    actions.ensure()
    for days in (90, 30, 60):
        clock.shift(days * DAY)
        actions.rotate("ES256", by=SYSTEM)
    actions.compromise(spare().kid, by=SYSTEM, reason="test")
    keys = list(SigningKey.objects.all())
    instants = {
        getattr(key, name)
        for key in keys
        for name in ("published_at", "activated_at", "retiring_at", "retired_at")
    }

    for at in sorted(instants - {None}):
        for moment in (at - SECOND, at, at + SECOND):
            assert set(SigningKey.objects.published(at=moment)) == {
                key for key in keys if key.is_published(at=moment)
            }
            assert set(SigningKey.objects.signing(at=moment)) == {
                key for key in keys if key.is_signing(at=moment)
            }


# --- Every signature, at every time -----------------------------------------------------------

PAUSES = st.one_of(
    st.integers(0, 400).map(lambda seconds: timedelta(seconds=seconds)),
    st.integers(0, 30).map(lambda hours: timedelta(hours=hours)),
    st.integers(0, 200).map(lambda days: timedelta(days=days)),
)
DEEDS = st.sampled_from(["nothing", "job", "job", "rotate"])


@examples(
    derandomize=True,
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.tuples(PAUSES, DEEDS), min_size=4, max_size=14))
def test_no_verifier_that_honours_the_cache_time_ever_refuses(clock, settings, steps):
    """Each signature verifies with each JWKS that may be cached, and for as long as tokens live."""
    max_age = timedelta(seconds=settings.JWKS_MAX_AGE)
    cached: list[tuple[datetime, set[str]]] = []
    signed: list[tuple[datetime, str]] = []
    with transaction.atomic():
        ring.forget()
        clock.move_to(START)
        for pause, deed in steps:
            cached.append((timezone.now(), published_kids()))
            clock.shift(pause)
            if deed == "job":
                tasks.rotate_due_keys()
            elif deed == "rotate":
                actions.rotate("ES256", by=SYSTEM)
            now = timezone.now()
            raw = jws.sign({}, typ="x")
            kid = signer().kid
            assert jws.read(raw, typ="x") == {}
            assert all(kid in kids for seen, kids in cached if seen >= now - max_age)
            signed = [(at, one) for at, one in signed if at > now - LIFETIME]
            assert all(jws.read(one, typ="x") == {} for _, one in signed)
            signed.append((now, raw))
            actives = SigningKey.objects.filter(Q(status=Status.ACTIVE), algorithm="ES256")
            assert actives.count() == 1
        transaction.set_rollback(True)


# --- The ring and the clock -------------------------------------------------------------------


def test_a_clock_that_is_a_little_behind_signs_with_what_is_about_to(clock):
    actions.ensure()
    clock.shift(2 * DAY)
    actions.rotate("ES256", by=SYSTEM)
    clock.shift(timedelta(hours=1))
    actions.compromise(signer().kid, by=SYSTEM, reason="test")
    successor = signer()
    assert statuses() == ["retiring", "compromised", "active", "published"]
    ring.forget()

    clock.shift(-3 * SECOND)

    assert jws.algorithms_in_use() == ["ES256", "EdDSA"]
    assert ring.current().signing("ES256", at=timezone.now()) == successor
    assert jws.read(jws.sign({}, typ="x"), typ="x") == {}


# --- Commands ---------------------------------------------------------------------------------


def test_the_commands_say_what_they_did(clock, capsys):
    call_command("rotate_keys")
    first = signer()
    clock.shift(2 * DAY)

    call_command("rotate_keys", "--algorithm", "ES256")
    assert f"ES256: {signer().kid} signs from 2026-03-03 12:00 UTC on." in capsys.readouterr().out
    assert statuses("EdDSA") == ["active", "published"]
    call_command("compromise_key", signer().kid, "--reason", "test")

    assert "is out of the JWKS" in capsys.readouterr().out
    assert statuses() == ["retiring", "compromised", "active", "published"]
    assert first.kid in published_kids()
    with pytest.raises(CommandError, match="no signing key"):
        call_command("compromise_key", "unknown")
