"""I14, S24: a receipt follows from its version and its event; whoever alters one is found."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import psycopg
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.scopes.models import DataCluster, Purpose
from consent.arrangements.changing import narrow_arrangement, shorten_arrangement
from consent.arrangements.ending import (
    expire_overdue_arrangements,
    return_arrangement,
    revoke_arrangement,
    withdraw_arrangement,
)
from consent.arrangements.models import Receipt
from consent.arrangements.receipts import body_of, canonical, digest
from consent.arrangements.record import entity_of
from consent.keys import actions as keys
from consent.receipts import checking, reproduction
from partners.organizations.actors import actor_of
from portal.access.actors import SYSTEM, Role
from portal.events.models import Event
from tests.factories.consent import share, use_of
from tests.factories.notices import published
from tests.factories.people import staff

YEAR = timedelta(days=365)


def everything_happens() -> None:
    """Give, give again, narrow, shorten, and end in each of the ways there are."""
    published()
    needed, extra, more = use_of(is_required=True), use_of(), use_of()
    first = share(uses=[needed, extra, more])
    mine = actor_of(first.customer.user)
    share(first.customer, first.client, uses=[needed, extra])
    narrow_arrangement(first, by=mine, keep=[needed.scope])
    shorten_arrangement(first, by=mine, ends_at=timezone.now() + timedelta(days=2))
    withdraw_arrangement(first, by=mine)
    revoke_arrangement(share(), by=staff(Role.PRIVACY), reason="privacy")
    returned = share()
    return_arrangement(returned, client=returned.client, by=SYSTEM)
    share(days=1)
    with time_machine.travel(timezone.now() + YEAR, tick=False):
        expire_overdue_arrangements()


def verified() -> str:
    out = io.StringIO()
    call_command("verify_receipts", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_i14_every_receipt_is_made_again_byte_for_byte_after_names_have_changed():
    everything_happens()
    before = {receipt.number: canonical(receipt.body) for receipt in Receipt.objects.all()}
    for receipt in Receipt.objects.select_related("version__arrangement__client__application"):
        application = receipt.version.arrangement.client.application
        application.name = f"Renamed {application.pk}"
        application.save()
        organization = application.organization
        organization.name, organization.city = f"Sold {organization.pk}", "Elsewhere"
        organization.save()
    DataCluster.objects.update(label="Another word", summary="Another sentence")
    Purpose.objects.update(title="Another purpose")

    for receipt in Receipt.objects.select_related("event", "version"):
        event = receipt.event
        again = body_of(
            receipt.version,
            event,
            number=receipt.number,
            entity=entity_of(event, actor=event.actor, customer=f"user:{event.person_id}"),
        )
        assert canonical(again) == before[receipt.number]
    assert "Every receipt follows" in verified()


@pytest.mark.django_db
def test_each_version_and_each_end_has_a_receipt_that_says_who_did_it():
    everything_happens()

    told = [
        (body["event"]["event_kind"].rpartition(".")[2], body["event"]["entity_id"])
        for body in Receipt.objects.order_by("pk").values_list("body", flat=True)
    ]

    assert sorted(told) == sorted(
        [
            *[("given", "customer")] * 4,
            ("amended", "customer"),
            ("narrowed", "customer"),
            ("shortened", "customer"),
            ("withdrawn", "customer"),
            ("revoked", "staff"),
            ("revoked", "portal"),
            ("expired", "portal"),
        ]
    )


@pytest.mark.django_db
def test_the_words_are_those_that_were_shown_whatever_a_thing_is_called_by_now():
    use = use_of()
    arrangement = share(uses=[use])
    shown = arrangement.versions.get().notice["optional"][0]
    DataCluster.objects.update(label="Another word")

    withdraw_arrangement(arrangement, by=actor_of(arrangement.customer.user))

    said = Receipt.objects.latest("pk").body["purposes"][0]
    assert said["pii_information"]["pii_type"] == shown["label"] != "Another word"
    assert said["purpose_description"] == shown["why"]
    assert said["retention_description"] == shown["kept_for"]


@pytest.mark.django_db
def test_walking_all_receipts_takes_a_bounded_number_of_statements(
    django_assert_max_num_queries,
):
    everything_happens()

    # A chunk of receipts with their items, the keys given up, what is missing, and a key each.
    count = Receipt.objects.count()
    with django_assert_max_num_queries(7 + count):
        reproduction.verify()


@pytest.mark.django_db
def test_a_key_that_was_given_up_is_said_and_is_no_break():
    receipt = share().versions.get().receipts.get()
    keys.compromise(checking.jws.kid_of(receipt.signature), by=SYSTEM, reason="test")

    assert "1 hold by our record" in verified()


@pytest.mark.django_db
def test_files_are_checked_by_the_same_command(tmp_path):
    receipt = share().versions.get().receipts.get()
    good, bad = tmp_path / "good.jws", tmp_path / "bad.json"
    good.write_text(checking.signed_form(receipt))
    bad.write_text(json.dumps({**receipt.body, "service": "Another"}))
    out = io.StringIO()

    call_command("verify_receipts", str(good), stdout=out)

    assert f"{receipt.number} is genuine." in out.getvalue()
    with pytest.raises(CommandError, match="is changed"):
        call_command("verify_receipts", str(good), str(bad), stdout=out)
    with pytest.raises(CommandError, match="absent"):
        call_command("verify_receipts", str(tmp_path / "absent.json"), stdout=out)


# --- S24: whoever owns the database -----------------------------------------------------------

TABLES = {
    "event": ("events_event", "request_id = 'x'"),
    "version": ("arrangements_arrangementversion", "locale = 'x'"),
    "item": ("arrangements_item", "why = 'x'"),
    "receipt": ("arrangements_receipt", "sha256 = 'x'"),
    "notice": ("notices_notice", "text = 'x'"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", TABLES)
def test_s24_the_superusers_update_and_delete_are_blocked_by_trigger(superuser, table):
    everything_happens()
    name, change = TABLES[table]
    before = superuser.execute(f"SELECT count(*) FROM {name}").fetchone()

    for statement in (
        f"UPDATE {name} SET {change}",
        f"DELETE FROM {name}",
        f"TRUNCATE {name} CASCADE",
    ):
        with pytest.raises(psycopg.Error, match="pgtrigger: Cannot"):
            superuser.execute(statement)

    assert superuser.execute(f"SELECT count(*) FROM {name}").fetchone() == before
    assert "Every receipt follows" in verified()


RECORD = "arrangements_arrangementversion"
REWRITINGS = {
    "the receipt's text": (
        """UPDATE arrangements_receipt SET body = body || '{"service": "Other"}'
        WHERE number = %s""",
        "receipt {number}",
    ),
    "the receipt's text and digest": (
        "UPDATE arrangements_receipt SET body = %s, sha256 = %s WHERE number = %s",
        "receipt {number}",
    ),
    "the version's record": (
        f"""UPDATE {RECORD} SET record = record || '{{"service": "Other"}}' WHERE id = %s""",
        "receipt {number}",
    ),
    "the text that was shown": (
        f"""UPDATE {RECORD} SET notice = notice || '{{"by": "Other"}}' WHERE id = %s""",
        "version 1 of {arrangement}",
    ),
    "an item": (
        "UPDATE arrangements_item SET fields = '{}' WHERE version_id = %s",
        "version 1 of {arrangement}",
    ),
    "an item, away": (
        """DELETE FROM arrangements_item WHERE id =
        (SELECT max(id) FROM arrangements_item WHERE version_id = %s)""",
        "version 1 of {arrangement}",
    ),
    "the event's reason": (
        """UPDATE events_event SET facts = facts || '{"reason": "other"}' WHERE id = %s""",
        "receipt {number}",
    ),
    "the event's actor": (
        "UPDATE events_event SET actor = 'system' WHERE id = %s",
        "receipt {number}",
    ),
    "the notice": ("UPDATE notices_notice SET text = 'Other' WHERE %s > 0", "notice privacy@1"),
    "a receipt, away": ("DELETE FROM arrangements_receipt WHERE number = %s", "version 1 of"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", REWRITINGS)
def test_s24_with_the_triggers_off_the_command_names_the_first_broken(superuser, what):
    published()
    share()
    victim = share().versions.get().receipts.get()
    share()
    statement, named = REWRITINGS[what]
    assert "Every receipt follows" in verified()

    superuser.execute("SET session_replication_role = replica")
    superuser.execute(statement, _arguments(what, victim))

    expected = named.format(number=victim.number, arrangement=victim.version.arrangement_id)
    with pytest.raises(CommandError, match=expected):
        verified()


@pytest.mark.django_db(transaction=True)
def test_s24_an_event_without_its_receipt_is_named(superuser):
    arrangement = share()
    withdraw_arrangement(arrangement, by=actor_of(arrangement.customer.user))
    last = Receipt.objects.latest("pk")

    superuser.execute("SET session_replication_role = replica")
    superuser.execute("DELETE FROM arrangements_receipt WHERE id = %s", [last.pk])

    with pytest.raises(CommandError, match=f"event {last.event_id} is broken"):
        verified()


def _arguments(what: str, victim: Receipt) -> list[object]:
    if what == "the receipt's text and digest":
        body = {**victim.body, "service": "Other"}
        return [json.dumps(body), digest(body), victim.number]
    if "receipt" in what:
        return [victim.number]
    if "event" in what:
        return [Event.objects.get(pk=victim.event_id).pk]
    return [victim.version_id]
