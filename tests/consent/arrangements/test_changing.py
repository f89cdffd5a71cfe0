"""Pausing, shortening and asking again; what somebody agrees to anew, told apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from consent.arrangements import changing, ending, giving
from consent.arrangements.access import current_items, effective_scopes
from consent.arrangements.models import (
    Arrangement,
    ArrangementVersion,
    Attention,
    Duration,
    Receipt,
)
from consent.arrangements.wording import line_of_item
from partners.applications.actions import reinstate_application, suspend_application
from partners.organizations.actors import actor_of
from portal.access.actors import SYSTEM, Role
from portal.errors import Conflict, Malformed, NotAllowed, Refused
from portal.events.models import Event
from tests.factories.consent import share, use_of
from tests.factories.people import member, staff

pytestmark = pytest.mark.django_db
Status = Arrangement.Status
Change = ArrangementVersion.Change


def own(arrangement):
    return actor_of(arrangement.customer.user)


def kinds(arrangement):
    events = Event.objects.about(arrangement).order_by("pk")
    return [event.kind.rpartition(".")[2] for event in events]


def facts(arrangement, kind):
    return Event.objects.about(arrangement).get(kind=f"consent.arrangement.{kind}").facts


# --- Pause and resume ---------------------------------------------------------------------------


def test_a_pause_keeps_the_version_the_epoch_and_the_end():
    arrangement = share()

    paused = changing.pause_arrangement(arrangement, by=own(arrangement))

    assert (paused.status, paused.version_number, paused.epoch) == (Status.PAUSED, 1, 1)
    assert paused.ends_at == arrangement.ends_at
    assert effective_scopes(paused, timezone.now()) == frozenset()
    assert kinds(paused) == ["given", "paused"]
    assert [one.event_kind for one in Receipt.objects.order_by("pk")] == [
        "consent.arrangement.given",
        "consent.arrangement.paused",
    ]


def test_pausing_or_resuming_twice_is_once():
    arrangement = share()
    by = own(arrangement)

    for _ in range(2):
        changing.pause_arrangement(arrangement, by=by)
    for _ in range(2):
        changing.resume_arrangement(arrangement, by=by)

    assert kinds(arrangement) == ["given", "paused", "resumed"]
    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.paused_at) == (Status.ACTIVE, None)


def test_what_is_paused_may_be_narrowed_withdrawn_and_expire():
    uses = [use_of(is_required=True), use_of()]
    narrowed, withdrawn = share(uses=uses), share()
    for arrangement in (narrowed, withdrawn):
        changing.pause_arrangement(arrangement, by=own(arrangement))

    changing.narrow_arrangement(narrowed, by=own(narrowed), keep=[uses[0].scope])
    ended = ending.withdraw_arrangement(withdrawn, by=own(withdrawn))

    narrowed.refresh_from_db()
    assert (narrowed.status, narrowed.version_number) == (Status.PAUSED, 2)
    assert (ended.status, ended.paused_at) == (Status.WITHDRAWN, None)
    with time_machine.travel(narrowed.ends_at, tick=False):
        assert ending.expire_overdue_arrangements() == 1
    narrowed.refresh_from_db()
    assert narrowed.status == Status.EXPIRED


def test_what_is_paused_is_the_one_that_runs_and_agreeing_anew_starts_it():
    arrangement = share()
    changing.pause_arrangement(arrangement, by=own(arrangement))

    again = share(arrangement.customer, arrangement.client)

    assert (again.pk, again.status, again.version_number) == (arrangement.pk, Status.ACTIVE, 2)
    assert kinds(arrangement) == ["given", "paused", "resumed", "amended"]


def test_what_has_ended_is_neither_paused_nor_resumed():
    arrangement = share()
    ending.withdraw_arrangement(arrangement, by=own(arrangement))

    for deed in (changing.pause_arrangement, changing.resume_arrangement):
        with pytest.raises(Conflict) as refusal:
            deed(arrangement, by=own(arrangement))
        assert refusal.value.code == "already_ended"


# --- Ending earlier -----------------------------------------------------------------------------


def test_a_shorter_end_is_a_version_with_a_receipt_and_nothing_else_changes():
    arrangement = share()
    before = current_items(arrangement)
    earlier = timezone.now() + timedelta(days=3)

    shorter = changing.shorten_arrangement(arrangement, by=own(arrangement), ends_at=earlier)

    version = shorter.versions.get(number=2)
    assert (shorter.ends_at, version.ends_at, version.change) == (
        earlier,
        earlier,
        Change.SHORTENED,
    )
    assert [item.scope for item in current_items(shorter)] == [item.scope for item in before]
    assert facts(shorter, "shortened")["ends_at"] == earlier.isoformat()
    assert Receipt.objects.filter(event_kind="consent.arrangement.shortened").count() == 1


@pytest.mark.parametrize("days", [-1, 0, 90, 91])
def test_only_an_end_before_the_one_agreed_to_is_shorter(days):
    with time_machine.travel(timezone.now(), tick=False):
        arrangement = share(days=90)

        with pytest.raises(Refused) as refusal:
            changing.shorten_arrangement(
                arrangement,
                by=own(arrangement),
                ends_at=timezone.now() + timedelta(days=days),
            )

    assert refusal.value.code == "not_shorter"
    assert kinds(arrangement) == ["given"]


# --- T14: asking again --------------------------------------------------------------------------


def ask(arrangement, *, days=30, by=SYSTEM, notice="terms@2"):
    deadline = timezone.now() + timedelta(days=days)
    return changing.ask_again(arrangement, by=by, deadline=deadline, notice=notice)


def test_t14_what_is_shared_goes_on_until_the_deadline_and_ends_then():
    arrangement = ask(share(days=300))

    assert arrangement.status == Status.ACTIVE
    assert arrangement.ends_at == arrangement.reconsent_by
    assert effective_scopes(arrangement, timezone.now())
    assert facts(arrangement, "reconsent_required")["notice"] == "terms@2"
    with time_machine.travel(arrangement.ends_at, tick=False):
        assert effective_scopes(arrangement, timezone.now()) == frozenset()
        ending.expire_overdue_arrangements()
    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.end_reason) == (Status.EXPIRED, "policy_superseded")


def test_t14_an_end_that_comes_before_the_deadline_is_an_end_like_any_other():
    arrangement = ask(share(days=10))

    assert arrangement.ends_at < arrangement.reconsent_by
    with time_machine.travel(arrangement.ends_at, tick=False):
        ending.expire_overdue_arrangements()
    arrangement.refresh_from_db()
    assert arrangement.end_reason == "expired"


def test_t14_agreeing_anew_answers_it():
    use = use_of()
    arrangement = ask(share(uses=[use], days=300))

    again = share(arrangement.customer, arrangement.client, uses=[use], days=300)

    assert again.pk == arrangement.pk
    assert (again.reconsent_by, again.reconsent_notice) == (None, "")
    assert again.ends_at > arrangement.ends_at
    assert again.versions.get(number=2).change == Change.EXTENDED


def test_t14_narrowing_is_no_answer():
    uses = [use_of(), use_of()]
    arrangement = ask(share(uses=uses, days=300))

    narrowed = changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[uses[0].scope])

    assert narrowed.reconsent_by == arrangement.reconsent_by
    assert narrowed.ends_at == arrangement.reconsent_by


def test_t14_asking_once_more_gives_no_more_time_and_says_nothing_twice():
    arrangement = ask(share(days=300), days=20)

    later = ask(arrangement, days=200)
    ended = share()
    ending.withdraw_arrangement(ended, by=own(ended))
    ask(ended)

    assert later.reconsent_by == arrangement.reconsent_by
    assert kinds(arrangement) == ["given", "reconsent_required"]
    assert kinds(ended) == ["given", "withdrawn"]
    sooner = ask(arrangement, days=5)
    assert sooner.ends_at < arrangement.ends_at


def test_t14_only_the_privacy_officer_and_the_portal_ask_with_a_code_and_with_time():
    arrangement = share()

    for actor in (own(arrangement), staff(Role.ADMIN, Role.SECURITY)):
        with pytest.raises(NotAllowed):
            ask(arrangement, by=actor)
    with pytest.raises(Malformed):
        ask(arrangement, by=staff(Role.PRIVACY), notice="We have new terms")
    with pytest.raises(Malformed):
        ask(arrangement, days=0)
    assert ask(arrangement, by=staff(Role.PRIVACY)).reconsent_by


# --- What needs a look --------------------------------------------------------------------------


def needing():
    found = Arrangement.objects.needs_attention(at=timezone.now())
    return {arrangement.pk: arrangement.attention for arrangement in found}


def test_a_customer_is_shown_what_needs_a_look_and_nothing_else():
    quiet, asked, ends, short = share(), ask(share()), share(days=30), share(days=5)
    stopped = share()
    officer = staff(Role.SECURITY)
    suspend_application(stopped.client.application, by=officer, reason="It leaks.")
    over = ask(share())
    ending.withdraw_arrangement(over, by=own(over))

    assert needing() == {asked.pk: Attention.ASKED_AGAIN, stopped.pk: Attention.APP_SUSPENDED}

    with time_machine.travel(ends.ends_at - timedelta(days=6), tick=False):
        assert needing()[ends.pk] == Attention.ENDS_SOON
    # Who shares for five days knows that it ends soon.
    assert not {quiet.pk, short.pk} & needing().keys()
    reinstate_application(stopped.client.application, by=officer)
    assert stopped.pk not in needing()


# --- What is agreed to anew ---------------------------------------------------------------------


def test_t4_more_is_an_amendment_that_says_what_came_and_what_went():
    kept, gone, new = use_of(), use_of(), use_of()
    arrangement = share(uses=[kept, gone])

    share(arrangement.customer, arrangement.client, uses=[kept, new])

    told = facts(arrangement, "amended")
    assert (told["added"], told["removed"], told["changed"]) == ([new.scope], [gone.scope], [])
    assert arrangement.versions.get(number=2).change == Change.AMENDED


@pytest.mark.parametrize(
    "change", [{"retention_days": 60}, {"why": "to sell it."}, {"is_required": True}]
)
def test_t4_the_same_data_on_other_terms_is_an_amendment(change):
    before = use_of()
    arrangement = share(uses=[before])
    after = type(before)(**{**{s: getattr(before, s) for s in before.__slots__}, **change})

    share(arrangement.customer, arrangement.client, uses=[after])

    told = facts(arrangement, "amended")
    assert (told["added"], told["removed"], told["changed"]) == ([], [], [before.scope])


def test_t5_the_same_for_longer_is_an_extension_of_the_same_arrangement():
    use = use_of()
    arrangement = share(uses=[use], days=30)

    longer = share(arrangement.customer, arrangement.client, uses=[use], days=60)

    assert (longer.pk, longer.version_number) == (arrangement.pk, 2)
    assert longer.versions.get(number=2).change == Change.EXTENDED
    told = facts(longer, "extended")
    assert (told["added"], told["removed"]) == ([], [])
    assert told["ends_at"] == longer.ends_at.isoformat()


def test_the_same_for_no_longer_is_a_renewal():
    use = use_of()
    arrangement = share(uses=[use], days=30)

    share(arrangement.customer, arrangement.client, uses=[use], days=10)

    assert kinds(arrangement) == ["given", "renewed"]


def test_what_follows_an_end_names_what_it_follows():
    first = share()
    ending.withdraw_arrangement(first, by=own(first))

    second = share(first.customer, first.client)
    ending.withdraw_arrangement(second, by=own(second))
    third = share(first.customer, first.client)

    assert (first.previous, second.previous, third.previous) == (None, first, second)


# --- For how long -------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "fits"), [(30, True), (30.001, False), (365, False)])
def test_nobody_shares_for_longer_than_the_use_was_approved_for(days, fits):
    uses = [use_of(max_days=30), use_of(max_days=300)]

    if fits:
        assert share(uses=uses, days=days).status == Status.ACTIVE
        return
    with pytest.raises(Refused) as refusal:
        share(uses=uses, days=days)
    assert refusal.value.code == "wrong_period"


def test_what_is_not_chosen_does_not_shorten_the_rest():
    short, long = use_of(max_days=30), use_of(max_days=300)

    assert share(uses=[short, long], scopes=[long.scope], days=200).status == Status.ACTIVE


@pytest.mark.parametrize(("minutes", "fits"), [(60, True), (61, False)])
def test_once_ends_within_the_hour(minutes, fits):
    days = minutes / 24 / 60

    if fits:
        with time_machine.travel(timezone.now(), tick=False):
            arrangement = share(days=days, duration=Duration.ONE_TIME)
        assert arrangement.duration == Duration.ONE_TIME
        return
    with pytest.raises(Refused):
        share(days=days, duration=Duration.ONE_TIME)


def test_the_history_that_may_be_read_is_pinned_when_somebody_agrees():
    dated, plain = use_of(look_back_days=30), use_of()

    arrangement = share(uses=[dated, plain])

    since = {item.scope.name: item.look_back_from for item in current_items(arrangement)}
    assert since[dated.scope] == arrangement.given_at - timedelta(days=30)
    assert since[plain.scope] is None


def test_a_later_version_tells_of_the_same_history_in_the_same_words():
    dated, plain = use_of(look_back_days=30), use_of()
    arrangement = share(uses=[dated, plain])
    told = line_of_item(item_of(arrangement, dated.scope))

    with time_machine.travel(timezone.now() + timedelta(days=10)):
        changing.narrow_arrangement(arrangement, by=own(arrangement), keep=[dated.scope])
    arrangement.refresh_from_db()

    assert arrangement.version_number == 2
    assert told["look_back"] == "the last 30 days"
    assert line_of_item(item_of(arrangement, dated.scope)) == told


def item_of(arrangement, scope):
    (found,) = [item for item in current_items(arrangement) if item.scope.name == scope]
    return found


# --- I13 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("deed", ["give", "resume", "pause", "shorten", "narrow", "withdraw"])
def test_i13_nobody_but_the_customer_gives_widens_extends_resumes_or_changes(deed):
    arrangement = share()
    changing.pause_arrangement(arrangement, by=own(arrangement))
    others = [
        SYSTEM,
        staff(Role.ADMIN, Role.PRIVACY, Role.SECURITY, Role.REVIEWER),
        member(arrangement.client.application.organization, Role.OWNER, Role.DEVELOPER),
        own(share()),
    ]
    soon = timezone.now() + timedelta(days=1)
    use = use_of()
    deeds = {
        "give": lambda by: giving.give_consent(
            arrangement.customer,
            arrangement.client,
            by=by,
            uses=[use],
            scopes=[use.scope],
            ends_at=soon,
            notice={},
            occasion=giving.Occasion("en", None),
        ),
        "resume": lambda by: changing.resume_arrangement(arrangement, by=by),
        "pause": lambda by: changing.pause_arrangement(arrangement, by=by),
        "shorten": lambda by: changing.shorten_arrangement(arrangement, by=by, ends_at=soon),
        "narrow": lambda by: changing.narrow_arrangement(arrangement, by=by, keep=[]),
        "withdraw": lambda by: ending.withdraw_arrangement(arrangement, by=by),
    }

    for actor in others:
        with pytest.raises(NotAllowed):
            deeds[deed](actor)

    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.version_number) == (Status.PAUSED, 1)


@pytest.mark.parametrize("role", [Role.PRIVACY, Role.SECURITY])
def test_t20_privacy_and_security_may_find_it_invalid_with_a_code(role):
    arrangement = share()

    with pytest.raises(Malformed):
        ending.invalidate_arrangement(arrangement, by=staff(role), reason="It was a minor!")
    ended = ending.invalidate_arrangement(arrangement, by=staff(role), reason="minor")

    assert (ended.status, ended.end_reason, ended.epoch) == (Status.INVALIDATED, "minor", 2)
    receipt = Receipt.objects.get(event_kind="consent.arrangement.invalidated")
    assert receipt.body["event"]["event_state"] == "consent_invalidated"
    for actor in (own(arrangement), staff(Role.ADMIN), SYSTEM):
        with pytest.raises(NotAllowed):
            ending.invalidate_arrangement(share(), by=actor, reason="minor")
