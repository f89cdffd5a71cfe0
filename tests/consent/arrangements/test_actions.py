from __future__ import annotations

from datetime import UTC, timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from catalog.scopes.models import DataCluster, FieldRule
from consent.arrangements import changing, ending, giving, pseudonyms, readings
from consent.arrangements.access import allowed_fields, current_items, effective_scopes
from consent.arrangements.models import (
    Arrangement,
    ArrangementVersion,
    Item,
    Pseudonym,
    Reading,
    Receipt,
)
from consent.arrangements.receipts import digest
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.errors import Conflict, Malformed, NotAllowed, Refused
from portal.events.models import Event
from portal.events.people import account_of
from tests.factories.catalog import ScopeFactory
from tests.factories.consent import CustomerFactory, share, use_of
from tests.factories.partners import ApplicationFactory, ClientFactory, OrganizationFactory
from tests.factories.people import UserFactory, member, staff

pytestmark = pytest.mark.django_db
Status = Arrangement.Status
OPERATION = "things/v1/listThings"


def own(arrangement: Arrangement):
    return actor_of(arrangement.customer.user)


def kinds(arrangement: Arrangement) -> list[str]:
    events = Event.objects.about(arrangement).order_by("pk")
    return [event.kind.rpartition(".")[2] for event in events]


def scopes_of(arrangement: Arrangement) -> set[str]:
    return {item.scope.name for item in current_items(arrangement)}


# --- Giving -------------------------------------------------------------------------------------


def test_giving_keeps_the_words_the_fields_and_a_receipt():
    needed, wanted = use_of(is_required=True), use_of()

    arrangement = share(uses=[needed, wanted], scopes=[needed.scope])

    version = arrangement.versions.get()
    item = version.items.get()
    assert arrangement.status == Status.ACTIVE
    assert (arrangement.version_number, arrangement.epoch) == (1, 1)
    assert item.scope.name == needed.scope
    assert item.fields == {OPERATION: [f"/{needed.cluster_code}"]}
    assert version.notice_sha256 == digest(version.notice)
    assert version.receipts.get().event_kind == "consent.arrangement.given"
    assert kinds(arrangement) == ["given"]


def test_the_event_names_the_organization_the_person_and_the_scopes():
    arrangement = share()

    event = Event.objects.about(arrangement).get()

    assert event.organization_id == arrangement.client.application.organization_id
    assert account_of(event.person_id) == arrangement.customer.user_id
    assert event.facts == {
        "client_id": arrangement.client.client_id,
        "application": arrangement.client.application.slug,
        "subject_id": str(
            pseudonyms.pseudonym_of(arrangement.customer, arrangement.client.application)
        ),
        "version": 1,
        "scopes": sorted(scopes_of(arrangement)),
        "ends_at": arrangement.ends_at.isoformat(),
        "reason": "",
        "sequence": 1,
        "happened_at": arrangement.given_at.astimezone(UTC).isoformat(),
    }


def test_giving_again_makes_a_new_version_of_the_same_arrangement():
    first = share(days=30)
    wider = share(first.customer, first.client, uses=[use_of()], days=60)

    assert wider.pk == first.pk
    assert wider.version_number == 2
    assert wider.ends_at > first.ends_at
    assert wider.epoch == first.epoch
    assert kinds(wider) == ["given", "amended"]


def test_giving_after_the_end_starts_a_new_arrangement_and_writes_the_expiry_down():
    with time_machine.travel(timezone.now() - timedelta(days=10), tick=False):
        old = share(days=5)

    new = share(old.customer, old.client)

    old.refresh_from_db()
    assert new.pk != old.pk
    assert (old.status, old.ended_at) == (Status.EXPIRED, old.ends_at)


def test_a_scope_that_opens_no_customer_data_is_no_item():
    plain = use_of(ScopeFactory(open=True))
    needed = use_of(is_required=True)

    arrangement = share(uses=[plain, needed])

    assert scopes_of(arrangement) == {needed.scope}


def test_what_the_application_needs_cannot_be_left_out():
    needed, wanted = use_of(is_required=True), use_of()

    with pytest.raises(Refused) as refusal:
        share(uses=[needed, wanted], scopes=[wanted.scope])

    assert refusal.value.code == "needed_to_work"


def test_what_was_not_asked_for_cannot_be_given():
    with pytest.raises(Refused) as refusal:
        share(uses=[use_of()], scopes=["cards:read"])

    assert refusal.value.code == "not_offered"


def test_something_has_to_be_chosen():
    with pytest.raises(Refused) as refusal:
        share(uses=[use_of(), use_of(ScopeFactory(open=True))], scopes=[])

    assert refusal.value.code == "nothing_chosen"


@pytest.mark.parametrize("gap", [{"purpose_id": None}, {"cluster_code": "no-such-cluster"}])
def test_nothing_is_shared_without_cluster_and_purpose(gap):
    use = use_of(**gap)

    with pytest.raises(Refused) as refusal:
        share(uses=[use])

    assert refusal.value.code == "incomplete_use"
    assert not Arrangement.objects.exists()


@pytest.mark.parametrize("days", [-1, 0, 365.001, 4000])
def test_sharing_ends_within_365_days(days):
    with pytest.raises(Refused) as refusal:
        share(days=days)

    assert refusal.value.code == "wrong_period"


def test_a_year_of_sharing_is_365_times_24_hours():
    with time_machine.travel("2028-01-01T00:00:00Z", tick=False):
        arrangement = share(days=365)

    assert arrangement.ends_at - arrangement.given_at == timedelta(hours=365 * 24)


def test_a_suspended_application_gets_no_consent():
    application = ApplicationFactory(status="suspended", suspended_at=timezone.now())

    with pytest.raises(Conflict) as refusal:
        share(client=ClientFactory(application=application))

    assert refusal.value.code == "app_not_active"


@pytest.mark.parametrize(
    ("production", "is_test", "may_meet"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, True)],
)
def test_the_sandbox_and_test_customers_have_only_each_other(production, is_test, may_meet):
    customer = CustomerFactory(is_test=is_test)
    client = ClientFactory(production=production)

    assert customer.may_meet(client) is may_meet
    if may_meet:
        assert share(customer, client).client == client
        return
    with pytest.raises(Refused) as refusal:
        share(customer, client)
    assert refusal.value.code == "wrong_environment"
    assert not Arrangement.objects.exists()
    assert not Pseudonym.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SECURITY, Role.PRIVACY, Role.REVIEWER])
def test_staff_never_give_for_a_customer(role):
    customer, client = CustomerFactory(), ClientFactory(production=True)
    use = use_of()

    with pytest.raises(NotAllowed):
        giving.give_consent(
            customer,
            client,
            by=staff(role),
            uses=[use],
            scopes=[use.scope],
            ends_at=timezone.now() + timedelta(days=1),
            notice={},
            occasion=giving.Occasion("en", None),
        )


# --- Narrowing ----------------------------------------------------------------------------------


def test_narrowing_leaves_out_and_never_adds():
    needed, wanted = use_of(is_required=True), use_of()
    arrangement = share(uses=[needed, wanted])

    narrowed = changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[needed.scope])

    version = narrowed.versions.get(number=2)
    assert version.change == ArrangementVersion.Change.NARROWED
    assert scopes_of(narrowed) == {needed.scope}
    assert narrowed.epoch == 1
    assert narrowed.ends_at == arrangement.ends_at
    assert [line["scope"] for line in version.notice["needed"]] == [needed.scope]
    assert version.notice["optional"] == []
    assert kinds(narrowed) == ["given", "narrowed"]
    with pytest.raises(Refused, match="not shared now"):
        changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[wanted.scope])


def test_narrowing_to_the_same_changes_nothing():
    arrangement = share()

    same = changing.narrow_arrangement(
        arrangement, by=own(arrangement), keep=scopes_of(arrangement)
    )

    assert same.version_number == 1
    assert kinds(same) == ["given"]


def test_narrowing_to_nothing_ends_it_and_raises_the_epoch():
    arrangement = share(uses=[use_of(), use_of()])

    ended = changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[])

    assert (ended.status, ended.end_reason, ended.epoch) == (Status.WITHDRAWN, "nothing_left", 2)
    assert kinds(ended) == ["given", "withdrawn"]


def test_what_is_needed_cannot_be_switched_off_alone():
    needed, wanted = use_of(is_required=True), use_of()
    arrangement = share(uses=[needed, wanted])

    with pytest.raises(Refused) as refusal:
        changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[wanted.scope])

    assert refusal.value.code == "needed_to_work"


def test_a_change_made_on_an_older_page_is_turned_down():
    one, two = use_of(), use_of()
    arrangement = share(uses=[one, two, use_of()])
    changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[one.scope, two.scope])

    with pytest.raises(Conflict) as refusal:
        changing.narrow_arrangement(
            arrangement, by=own(arrangement), keep=[one.scope], seen_version=1
        )

    assert refusal.value.code == "changed_since"


def test_what_has_ended_cannot_be_narrowed():
    arrangement = share()
    ending.withdraw_arrangement(arrangement, by=own(arrangement))

    with pytest.raises(Conflict) as refusal:
        changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[])

    assert refusal.value.code == "already_ended"


# --- Ending -------------------------------------------------------------------------------------


def test_withdrawing_ends_it_with_a_receipt_and_a_new_epoch():
    arrangement = share()

    ended = ending.withdraw_arrangement(arrangement, by=own(arrangement))

    assert (ended.status, ended.end_reason, ended.epoch) == (Status.WITHDRAWN, "customer", 2)
    assert ended.ended_at is not None
    receipt = Receipt.objects.get(event_kind="consent.arrangement.withdrawn")
    assert receipt.body["event"]["event_state"] == "consent_withdrawn"
    assert receipt.body["event"]["entity_id"] == "customer"


def test_withdrawing_twice_is_one_withdrawal():
    arrangement = share()

    ending.withdraw_arrangement(arrangement, by=own(arrangement))
    again = ending.withdraw_arrangement(arrangement, by=own(arrangement))

    assert again.epoch == 2
    assert kinds(again) == ["given", "withdrawn"]


def test_withdrawing_past_the_end_writes_down_that_it_had_expired():
    with time_machine.travel(timezone.now() - timedelta(days=10), tick=False):
        arrangement = share(days=5)

    ended = ending.withdraw_arrangement(arrangement, by=own(arrangement))

    assert (ended.status, ended.ended_at) == (Status.EXPIRED, ended.ends_at)
    assert kinds(ended) == ["given", "expired"]


def test_stopping_everything_ends_all_that_runs_and_nothing_of_others():
    customer = CustomerFactory()
    share(customer)
    share(customer)
    done = share(customer)
    ending.withdraw_arrangement(done, by=own(done))
    foreign = share()

    ended = ending.withdraw_everything(customer, by=actor_of(customer.user))

    assert len(ended) == 2
    assert not customer.arrangements.filter(status=Status.ACTIVE).exists()
    assert Arrangement.objects.get(pk=foreign.pk).status == Status.ACTIVE
    assert Event.objects.filter(kind="consent.arrangement.withdrawn").count() == 3


@pytest.mark.parametrize(
    "deed",
    [
        lambda one, by: ending.withdraw_arrangement(one, by=by),
        lambda one, by: changing.narrow_arrangement(one, by=by, keep=[]),
        lambda one, by: ending.withdraw_everything(one.customer, by=by),
    ],
)
def test_nobody_else_withdraws_or_narrows(deed):
    arrangement = share()
    others = [
        actor_of(UserFactory()),
        staff(Role.ADMIN, Role.PRIVACY, Role.SECURITY),
        member(arrangement.client.application.organization, Role.OWNER),
    ]

    for actor in others:
        with pytest.raises(NotAllowed):
            deed(arrangement, actor)


@pytest.mark.parametrize("role", [Role.PRIVACY, Role.SECURITY])
def test_staff_may_revoke_with_a_reason(role):
    arrangement = share()

    ended = ending.revoke_arrangement(arrangement, by=staff(role), reason="security")

    assert (ended.status, ended.end_reason, ended.epoch) == (Status.REVOKED, "security", 2)
    event = Event.objects.get(kind="consent.arrangement.revoked")
    assert event.facts["reason"] == "security"


def test_only_privacy_and_security_revoke_and_only_with_a_code():
    arrangement = share()

    for actor in (staff(Role.ADMIN, Role.REVIEWER), own(arrangement)):
        with pytest.raises(NotAllowed):
            ending.revoke_arrangement(arrangement, by=actor, reason="security")
    with pytest.raises(Malformed):
        ending.revoke_arrangement(arrangement, by=staff(Role.PRIVACY), reason="Leila asked us")


def test_what_the_customer_stopped_cannot_be_revoked_afterwards():
    arrangement = share()
    ending.withdraw_arrangement(arrangement, by=own(arrangement))

    ended = ending.revoke_arrangement(arrangement, by=staff(Role.PRIVACY), reason="privacy")

    assert (ended.status, ended.end_reason) == (Status.WITHDRAWN, "customer")


def test_the_sweep_writes_down_what_the_clock_decided():
    with time_machine.travel(timezone.now() - timedelta(days=10), tick=False):
        overdue = share(days=5)
    running = share()

    assert ending.expire_overdue_arrangements() == 1
    assert ending.expire_overdue_arrangements() == 0

    overdue.refresh_from_db()
    running.refresh_from_db()
    assert (overdue.status, overdue.ended_at, overdue.epoch) == (
        Status.EXPIRED,
        overdue.ends_at,
        2,
    )
    assert running.status == Status.ACTIVE
    assert kinds(overdue) == ["given", "expired"]


def test_access_ends_at_the_instant_although_no_sweep_has_run():
    arrangement = share()
    end = arrangement.ends_at

    assert effective_scopes(arrangement, end - timedelta(microseconds=1)) == scopes_of(arrangement)
    assert effective_scopes(arrangement, end) == frozenset()


# --- What it allows -----------------------------------------------------------------------------


def test_a_field_that_joins_later_is_not_in_an_older_consent():
    use = use_of()
    arrangement = share(uses=[use])
    cluster = DataCluster.objects.get(code=use.cluster_code)

    FieldRule.objects.create(cluster=cluster, operation_key=OPERATION, pointer="/tax_number")

    version = arrangement.versions.get()
    assert allowed_fields(version, OPERATION) == [f"/{use.cluster_code}"]
    assert allowed_fields(version, "things/v1/other") == []


def test_narrowing_keeps_the_fields_as_they_were_pinned():
    keep, drop = use_of(), use_of()
    arrangement = share(uses=[keep, drop])
    cluster = DataCluster.objects.get(code=keep.cluster_code)
    FieldRule.objects.create(cluster=cluster, operation_key=OPERATION, pointer="/tax_number")

    narrowed = changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[keep.scope])

    assert allowed_fields(narrowed.versions.get(number=2), OPERATION) == [f"/{keep.cluster_code}"]


def test_what_was_switched_off_and_allowed_again_is_for_new_tokens_only():
    one, two = use_of(), use_of()
    arrangement = share(uses=[one, two])
    changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[one.scope])
    again = share(arrangement.customer, arrangement.client, uses=[one, two])
    now = timezone.now()

    assert effective_scopes(again, now) == {one.scope, two.scope}
    assert effective_scopes(again, now, since=3) == {one.scope, two.scope}
    assert effective_scopes(again, now, since=1) == {one.scope}


def test_the_items_of_an_arrangement_are_one_query(django_assert_num_queries):
    arrangement = share()

    with django_assert_num_queries(1):
        effective_scopes(arrangement, timezone.now())


def test_each_application_knows_a_customer_by_another_name():
    customer = CustomerFactory()
    one, two = share(customer), share(customer)

    subjects = set(Pseudonym.objects.values_list("subject", flat=True))

    assert len(subjects) == 2
    again = pseudonyms.pseudonym_of(customer, one.client.application)
    assert again == pseudonyms.pseudonym_of(customer, one.client.application)
    assert again != pseudonyms.pseudonym_of(customer, two.client.application)


@pytest.mark.parametrize(
    ("model", "column"), [(ArrangementVersion, "locale"), (Item, "why"), (Receipt, "sha256")]
)
def test_versions_items_and_receipts_are_never_altered(model, column):
    share()
    rows = model.objects.all()

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows.update(**{column: "x"})
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows._raw_delete(rows.db)

    assert rows.exists()


# --- Receipts -----------------------------------------------------------------------------------


def test_a_receipt_says_who_what_why_and_until_when_and_its_digest_holds():
    organization = OrganizationFactory(approved=True, name="Partner 1", city="Vilnius")
    client = ClientFactory(
        application=ApplicationFactory(live=True, organization=organization, name="App One"),
        environment="production",
    )
    use = use_of(why="to remind you")

    share(client=client, uses=[use])

    receipt = Receipt.objects.get()
    assert receipt.number == f"MR-{timezone.now().year}-{receipt.pk:06d}"
    assert receipt.sha256 == digest(receipt.body)
    body = receipt.body
    assert body["receipt_id"] == receipt.number
    assert body["pii_controllers"][0]["party_name"] == "Partner 1"
    assert body["service"] == "App One"
    purpose = body["purposes"][0]
    assert purpose["purpose_description"] == "to remind you."
    assert purpose["retention_period"] == "P30D"
    assert purpose["pii_information"]["pii_attribute_id"] == {OPERATION: [f"/{use.cluster_code}"]}


def test_a_receipt_holds_no_name_and_no_address_of_the_customer():
    arrangement = share()

    text = str(Receipt.objects.get().body)

    assert arrangement.customer.user.email not in text
    assert arrangement.customer.user.name not in text
    assert str(arrangement.customer.public_id) not in text


# --- Readings -----------------------------------------------------------------------------------


def test_readings_are_counted_by_operation_and_hour():
    arrangement = share()
    at = timezone.now().replace(minute=10)

    for minute, code in ((10, "a"), (20, "b"), (30, "a")):
        readings.note_reading(
            arrangement.pk,
            operation_key=OPERATION,
            cluster_codes=[code],
            at=at.replace(minute=minute),
        )

    reading = Reading.objects.get()
    assert reading.read_count == 3
    assert sorted(reading.cluster_codes) == ["a", "b"]
    assert reading.last_read_at == at.replace(minute=30)
    assert reading.hour == at.replace(minute=0, second=0, microsecond=0)
    arrangement.refresh_from_db()
    assert arrangement.last_read_at == at.replace(minute=30)


def test_the_last_reading_is_written_at_most_once_a_minute():
    arrangement = share()
    at = timezone.now()

    for seconds in (0, 20, 59):
        readings.note_reading(
            arrangement.pk,
            operation_key=OPERATION,
            cluster_codes=["a"],
            at=at + timedelta(seconds=seconds),
        )

    arrangement.refresh_from_db()
    assert arrangement.last_read_at == at


def test_noting_a_reading_is_one_statement(django_assert_num_queries):
    arrangement = share()

    with django_assert_num_queries(1):
        readings.note_reading(
            arrangement.pk, operation_key=OPERATION, cluster_codes=["a"], at=timezone.now()
        )
