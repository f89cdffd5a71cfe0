from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from portal.access.actors import SYSTEM
from portal.audit import sealing
from portal.audit.models import Seal
from portal.audit.protection import weaknesses
from portal.audit.sealing import seal_events
from portal.audit.verification import Kind, verify
from portal.events.log import record
from portal.events.models import Event
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def somebody():
    return UserFactory()


def happen(somebody, count: int = 1) -> list[int]:
    with transaction.atomic():
        return [record("test.thing.done", somebody, by=SYSTEM, round=n).pk for n in range(count)]


@pytest.fixture
def sealed(somebody, monkeypatch):
    """Ten events in three seals."""
    monkeypatch.setattr(sealing, "BATCH_SIZE", 4)
    ids = happen(somebody, 10)
    assert seal_events() == 10
    return ids


def tamper(superuser, statement: str) -> None:
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(statement)
    superuser.execute("SET session_replication_role = origin")


def test_events_are_sealed_once_and_in_batches(sealed, somebody):
    assert list(Seal.objects.order_by("pk").values_list("count", flat=True)) == [4, 4, 2]
    assert seal_events() == 0

    happen(somebody)

    assert verify().unsealed_count == 1
    assert seal_events() == 1
    report = verify()
    assert (report.first_break, report.event_count, report.unsealed_count) == (None, 11, 0)


def test_a_rolled_back_event_leaves_a_gap_that_is_no_break(somebody):
    happen(somebody)
    with transaction.atomic():
        record("test.thing.done", somebody, by=SYSTEM)
        transaction.set_rollback(True)
    happen(somebody)

    assert seal_events() == 2
    assert verify().first_break is None


def test_nothing_is_sealed_over_an_event_that_has_not_been_committed(somebody):
    written, may_commit = Signal(), Signal()

    def write_slowly() -> int:
        try:
            with transaction.atomic():
                event = record("test.thing.slow", somebody, by=SYSTEM)
                written.set()
                assert may_commit.wait(timeout=20)
            return event.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(write_slowly)
        assert written.wait(timeout=20)
        (later,) = happen(somebody)
        assert seal_events(patience=0.1) == 0
        may_commit.set()
        earlier = slow.result(timeout=20)

    assert earlier < later
    assert seal_events() == 2
    assert verify().first_break is None


def test_two_sealers_at_once_make_one_chain(somebody, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH_SIZE", 3)
    happen(somebody, 30)

    def seal() -> int:
        try:
            return seal_events()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = [future.result(timeout=30) for future in [pool.submit(seal) for _ in range(4)]]

    assert sum(counts) == 30
    assert verify().first_break is None


@pytest.mark.parametrize(
    "change",
    [
        "facts = '{}'",
        "kind = 'test.thing.undone'",
        "subject = 'accounts.user:0'",
        "actor = 'user:0'",
        "organization_id = 7",
        "person_id = 7",
        "request_id = 'x'",
        "recorded_at = recorded_at - interval '1 microsecond'",
        "public_id = gen_random_uuid()",
    ],
)
def test_a_change_to_any_column_is_found(sealed, superuser, change):
    tamper(superuser, f"UPDATE events_event SET {change} WHERE id = {sealed[5]}")

    found = verify().first_break

    assert (found.kind, found.record) == (Kind.EDITED, f"event {sealed[5]}")


def test_a_missing_event_is_named(sealed, superuser):
    tamper(superuser, f"DELETE FROM events_event WHERE id = {sealed[4]}")

    found = verify().first_break

    assert (found.kind, found.record) == (Kind.MISSING, f"event {sealed[4]}")


@pytest.mark.parametrize("place", [-1, 2])
def test_an_event_that_is_slipped_in_is_named(somebody, superuser, place):
    happen(somebody, 3)
    tamper(superuser, f"DELETE FROM events_event WHERE id = {place}")
    seal_events()
    superuser.execute(
        "INSERT INTO events_event"
        " (id, public_id, kind, subject, actor, request_id, facts, recorded_at)"
        f" VALUES ({place}, gen_random_uuid(), 'a', 'b', 'c', '', '{{}}', now())",
    )

    found = verify().first_break

    assert (found.kind, found.record) == (Kind.INSERTED, f"event {place}")


def test_a_cut_end_is_named(sealed, superuser):
    tamper(superuser, f"DELETE FROM events_event WHERE id >= {sealed[6]}")

    found = verify().first_break

    assert (found.kind, found.record) == (Kind.CUT, f"event {sealed[6]}")


def test_a_removed_or_edited_seal_is_named(sealed, superuser):
    first, second, third = Seal.objects.order_by("pk")
    tamper(superuser, f"UPDATE audit_seal SET count = 3 WHERE id = {third.pk}")
    assert verify().first_break.record == f"seal {third.pk}"
    tamper(superuser, f"UPDATE audit_seal SET leaves = leaves || 'x' WHERE id = {second.pk}")
    assert verify().first_break.kind == Kind.EDITED
    tamper(superuser, f"DELETE FROM audit_seal WHERE id = {first.pk}")

    found = verify().first_break

    assert (found.kind, found.record) == (Kind.CUT, f"seal {second.pk}")


def test_only_a_root_kept_elsewhere_shows_that_the_end_went_with_its_seal(sealed, superuser):
    head = verify().head
    last = Seal.objects.order_by("pk").last()
    tamper(superuser, f"DELETE FROM events_event WHERE id >= {last.first_id}")
    tamper(superuser, f"DELETE FROM audit_seal WHERE id = {last.pk}")

    assert verify().first_break is None
    assert verify(head=head).first_break.kind == Kind.CUT


def test_the_command_exits_with_what_is_broken(sealed, superuser, capsys):
    call_command("verify_events")
    assert "Every sealed event is as it was." in capsys.readouterr().out
    tamper(superuser, f"UPDATE events_event SET facts = '{{}}' WHERE id = {sealed[0]}")

    with pytest.raises(CommandError, match=rf"event {sealed[0]} is broken \(edited\)"):
        call_command("verify_events")


@pytest.mark.parametrize("table", ["events_event", "audit_seal"])
def test_a_disabled_trigger_is_noticed(superuser, table):
    assert weaknesses() == []
    superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        assert any("append_only is not in force" in weakness for weakness in weaknesses())
    finally:
        superuser.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_rights_that_the_role_should_not_have_are_noticed(superuser):
    superuser.execute("GRANT UPDATE ON events_event TO portal_app")
    try:
        assert weaknesses() == ["The portal's database role has the right UPDATE on events_event."]
    finally:
        superuser.execute("REVOKE UPDATE ON events_event FROM portal_app")


def test_neither_an_event_nor_a_seal_can_be_changed_by_the_portal(sealed):
    for statement in (
        "UPDATE audit_seal SET count = 1",
        "DELETE FROM audit_seal",
        "TRUNCATE audit_seal",
        "DELETE FROM events_event",
    ):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Event.objects.count() == 10
