"""What a child may agree to, what a guardian decides, and how both end (S23, T18, T19, I18)."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent.arrangements import changing, ending
from consent.arrangements.access import current_items
from consent.arrangements.children import GuardianNeeded
from consent.arrangements.models import Arrangement, ArrangementVersion, Management, Receipt
from consent.arrangements.terms import NeededToWork, NotOffered
from consent.arrangements.vocabulary import GUARDIAN_GONE, OF_AGE
from consent.guardians import asking, growing, linking
from consent.guardians.asking import NotForChildren, RefusedLately
from consent.guardians.deciding import AlreadyAnswered, approve, periods_of, refuse
from consent.guardians.family import DecidesAlone
from consent.guardians.stopping import confirm_sharing, stop_sharing
from consent.minors.age import GRACE
from consent.minors.models import BirthDate, Guardianship
from consent.minors.questions import birth_of, comes_of_age_at
from consent.receipts.reproduction import verify
from consent.rights.closing import PATIENCE, close_account, erase_closed_accounts
from consent.rights.export import read
from partners.organizations.actors import actor_of
from partners.subscriptions.access import uses_of
from portal.access.actors import Role
from portal.errors import Conflict, Malformed, NotAllowed
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.events.people import reference_of
from portal.notifications.models import Message
from tests.factories.catalog import PurposeFactory, ScopeFactory
from tests.factories.consent import CustomerFactory, share, use_of
from tests.factories.families import EVIDENCE, ZONE, make_family, years_ago
from tests.factories.oauth import make_world
from tests.factories.people import staff

pytestmark = pytest.mark.django_db
Status = Arrangement.Status


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def family(world):
    return make_family(world.customer)


def agree(world, *scopes, days=30, **how):
    uses = uses_of(world.client, at=timezone.now())
    return share(world.customer, world.client, uses=uses, scopes=scopes, days=days, **how)


def given(family, world, *scopes):
    """Let the guardian allow and the child agree."""
    scopes = scopes or ("need:read", "extra:read")
    family.allows(family.asks(world.client), *scopes)
    return agree(world, *scopes)


def kinds_of(person):
    return list(Event.objects.of_person(person.pk).order_by("pk").values_list("kind", flat=True))


# I18: nothing runs for a child without a guardian


def test_i18_a_child_agrees_to_nothing_by_itself(world, family):
    with pytest.raises(GuardianNeeded):
        agree(world, "need:read")

    assert not Arrangement.objects.exists()


def test_i18_what_runs_for_a_child_names_what_its_guardian_allowed(world, family):
    arrangement = given(family, world)

    version = arrangement.versions.get()
    assert version.channel == ArrangementVersion.Channel.GUARDIAN
    assert version.approval.guardianship == family.link
    assert version.record["obtained"]["channel"] == "guardian"
    with pytest.raises(IntegrityError), transaction.atomic():
        ArrangementVersion.objects.create(
            arrangement=arrangement, number=9, change="given", ends_at=timezone.now(),
            notice={}, notice_sha256="", locale="en", channel="guardian",
        )  # fmt: skip


@pytest.mark.parametrize("more", ["scope", "time", "sign-in", "case", "words"])
def test_i18_a_child_agrees_to_no_more_than_was_allowed(world, family, more):
    approval = family.allows(family.asks(world.client), "need:read")
    days, scopes, how = 30, ["need:read"], {}
    match more:
        case "scope":
            scopes = ["need:read", "extra:read"]
        case "time":
            days = 91
        case "sign-in":
            how = {"may_share_nothing": True}
        case "case":
            how = {"details": [{"scope": "need:read", "content": {"type": "x"}, "version": 1}]}
        case "words":
            approval.asked[0]["retention_days"] += 1
            approval.save()

    with pytest.raises(GuardianNeeded):
        agree(world, *scopes, days=days, **how)


def test_i18_an_approval_of_another_app_or_child_allows_nothing(world, family):
    family.allows(family.asks(world.client), "need:read")
    other = make_family(age=10)

    uses = uses_of(world.client, at=timezone.now())
    with pytest.raises(GuardianNeeded):
        share(other.child, world.client, uses=uses, scopes=["need:read"], days=30)


def test_a_child_may_always_leave_out_shorten_and_stop(world, family):
    arrangement = given(family, world)

    changing.narrow_arrangement(arrangement, by=family.by_child, keep=["need:read"])
    ends_at = timezone.now() + timedelta(days=1)
    changing.shorten_arrangement(arrangement, by=family.by_child, ends_at=ends_at)
    assert arrangement.versions.latest("number").approval_id is not None
    assert Arrangement.objects.given_with_a_guardian().count() == 1

    ended = ending.withdraw_arrangement(arrangement, by=family.by_child)
    assert (ended.status, ended.end_reason) == (Status.WITHDRAWN, "customer")


# Asking and deciding


def test_s23_a_question_is_the_same_however_often_it_is_put(world, family):
    first = family.asks(world.client)

    assert family.asks(world.client) == first
    assert kinds_of(family.child.user).count("consent.approval.requested") == 1


def test_s23_another_question_takes_the_place_of_the_one_that_waits(world, family):
    first = family.asks(world.client)
    second = family.asks(world.client, signs_in=True)

    first.refresh_from_db()
    assert (first.status, second.status) == ("ended", "waiting")


def test_s23_a_guardian_approves_only_some_of_what_was_asked(world, family):
    approval = family.asks(world.client)

    with pytest.raises(NotOffered):
        family.allows(approval, "need:read", "other:read")
    with pytest.raises(NeededToWork):
        family.allows(approval, "extra:read")
    with pytest.raises(Malformed):
        family.allows(approval, "need:read", period="4000")
    allowed = family.allows(approval, "need:read")

    assert allowed.scopes == ["need:read"]
    assert timedelta(days=89) < allowed.ends_at - timezone.now() <= timedelta(days=90)


def test_s23_a_question_is_answered_once(world, family):
    approval = family.asks(world.client)
    refuse(approval, by=family.by_guardian)

    with pytest.raises(AlreadyAnswered):
        family.allows(approval, "need:read")
    with pytest.raises(RefusedLately):
        family.asks(world.client)
    with time_machine.travel(timezone.now() + asking.QUIET + timedelta(minutes=1)):
        assert family.asks(world.client).status == "waiting"


def test_s23_a_question_that_nobody_answers_lapses_by_its_instant(world, family):
    approval = family.asks(world.client)

    with time_machine.travel(approval.lapses_at):
        with pytest.raises(AlreadyAnswered):
            family.allows(approval, "need:read")
        assert asking.let_questions_lapse() == 1
        assert asking.let_questions_lapse() == 0


@pytest.mark.parametrize("who", ["stranger", "child", "officer", "guardian of another"])
def test_s23_nobody_but_the_guardian_decides(world, family, who):
    approval = family.asks(world.client)
    by = {
        "stranger": actor_of(CustomerFactory().user),
        "child": family.by_child,
        "officer": family.officer,
        "guardian of another": make_family().by_guardian,
    }[who]

    for act in (
        lambda: approve(approval, by=by, scopes=["need:read"], period="90"),
        lambda: refuse(approval, by=by),
        lambda: stop_sharing(family.child.user, by=by),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_s23_a_purpose_that_makes_a_picture_of_a_child_is_never_asked_for(world, family):
    purpose = PurposeFactory(is_profiling=True)
    optional = use_of(ScopeFactory(), purpose_id=purpose.pk)
    needed = use_of(ScopeFactory(), purpose_id=purpose.pk, is_required=True)
    uses = uses_of(world.client, at=timezone.now())
    ask = {"by": family.by_child}

    approval = asking.ask_guardian(family.child, world.client, uses=[*uses, optional], **ask)

    assert {line["scope"] for line in approval.asked} == {"need:read", "extra:read"}
    with pytest.raises(NotForChildren):
        asking.ask_guardian(family.child, world.client, uses=[*uses, needed], **ask)


def test_s23_a_guardian_stops_at_once_and_the_child_has_to_ask_anew(world, family):
    arrangement = given(family, world)

    [stopped] = stop_sharing(
        family.child.user, by=family.by_guardian, application=world.client.application
    )

    assert (stopped.status, stopped.end_reason) == (Status.WITHDRAWN, "guardian")
    assert stopped.epoch == arrangement.epoch + 1
    receipt = Receipt.objects.get(event_kind="consent.arrangement.withdrawn")
    assert receipt.body["event"]["entity_id"] == "guardian"
    assert verify().first_break is None
    guardian = family.guardian.user
    for private in (guardian.email, guardian.name, f"user:{guardian.pk}"):
        assert private not in str(receipt.body)
    with pytest.raises(GuardianNeeded):
        agree(world, "need:read")


def test_the_log_holds_no_date_of_birth_and_the_row_is_sealed(world, family):
    written = str(birth_of(family.child.user).day)

    assert written not in BirthDate.objects.get(person=family.child.user).sealed
    for event in Event.objects.all():
        assert written not in str(event.facts)


# T18: coming of age


def test_t18_what_a_guardian_allowed_ends_ninety_days_after_the_birthday(world, family):
    family.born(years_ago(16, days=20))
    grown_up_at = comes_of_age_at(family.child.user)
    approval = family.asks(world.client)

    limit = grown_up_at + GRACE
    assert all(one.ends_at <= limit for one in periods_of(approval, at=timezone.now()))
    allowed = family.allows(approval, "need:read", period="365")
    assert allowed.ends_at == limit
    with pytest.raises(GuardianNeeded):
        agree(world, "need:read", days=(limit - timezone.now()) / timedelta(days=1) + 1)


def test_t18_from_local_midnight_on_no_guardian_decides_and_no_job_was_needed(world, family):
    family.born(years_ago(16, days=20))
    arrangement = given(family, world)
    grown_up_at = comes_of_age_at(family.child.user)
    assert grown_up_at.astimezone(ZoneInfo(ZONE)).time() == time()
    with time_machine.travel(grown_up_at - timedelta(seconds=1), tick=False):
        changed = family.asks(world.client, signs_in=True)

    with time_machine.travel(grown_up_at, tick=False):
        with pytest.raises(DecidesAlone):
            stop_sharing(family.child.user, by=family.by_guardian)
        with pytest.raises(DecidesAlone):
            family.allows(changed, "need:read")
        with pytest.raises(DecidesAlone):
            family.asks(world.client)
    assert arrangement.status == Status.ACTIVE


def test_t18_the_young_adult_is_asked_again_and_the_old_items_go_on_meanwhile(world, family):
    family.born(years_ago(16, days=20))
    arrangement = given(family, world, "need:read")
    grown_up_at = comes_of_age_at(family.child.user)
    with time_machine.travel(grown_up_at - timedelta(seconds=1), tick=False):
        assert growing.ask_who_came_of_age() == 0

    with time_machine.travel(grown_up_at, tick=False):
        assert growing.ask_who_came_of_age() == 1
        assert growing.ask_who_came_of_age() == 0

        arrangement.refresh_from_db()
        assert arrangement.is_active(at=grown_up_at)
        assert arrangement.reconsent_notice == OF_AGE
        assert arrangement.reconsent_by == grown_up_at + GRACE
        assert arrangement.ends_at <= arrangement.reconsent_by
        assert [item.scope.name for item in current_items(arrangement)] == ["need:read"]
        link = Guardianship.objects.get()
        assert (link.end_reason, link.ended_at) == ("of_age", grown_up_at)

        renewed = agree(world, "need:read", "extra:read", days=300)
        assert renewed.reconsent_by is None
        assert renewed.versions.get(number=2).approval is None
        assert not Arrangement.objects.given_with_a_guardian().exists()


def test_t18_what_joins_makes_nothing_longer_that_a_guardian_had_allowed(world, family):
    family.born(years_ago(16, days=20))
    arrangement = given(family, world, "need:read")
    with time_machine.travel(comes_of_age_at(family.child.user), tick=False):
        merged = agree(
            world, "need:read", "extra:read", days=300,
            management=Management.MERGE, grant_id=arrangement.pk,
        )  # fmt: skip

        assert merged.ends_at == arrangement.ends_at
        assert merged.versions.get(number=2).channel == ArrangementVersion.Channel.WEB
        assert growing.ask_who_came_of_age() == 1


# T19: the guardian is none any more


def test_t19_what_a_guardian_allowed_is_paused_when_the_link_ends(world, family):
    arrangement = given(family, world)

    linking.end_guardianship(
        family.link, by=family.officer, reason="court_order", evidence=EVIDENCE
    )

    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.pause_reason) == (Status.PAUSED, GUARDIAN_GONE)
    with pytest.raises(GuardianNeeded):
        changing.resume_arrangement(arrangement, by=family.by_child)
    with pytest.raises(GuardianNeeded):
        agree(world, "need:read")
    with pytest.raises(NotAllowed):
        stop_sharing(family.child.user, by=family.by_guardian)
    ended = Event.objects.get(kind="consent.guardianship.ended")
    assert (ended.facts["reason"], ended.facts["case"]) == ("court_order", "SC-000001")
    assert ended.facts["paused"] == 1


def test_t19_another_guardian_lets_it_go_on(world, family):
    arrangement = given(family, world, "need:read")
    other = CustomerFactory()
    linking.begin_guardianship(family.child, other, by=family.officer, evidence=EVIDENCE)
    with pytest.raises(Conflict):
        confirm_sharing(arrangement, by=actor_of(other.user))
    linking.end_guardianship(family.link, by=family.officer, reason="custody", evidence=EVIDENCE)

    confirmed = confirm_sharing(arrangement, by=actor_of(other.user))

    assert (confirmed.status, confirmed.version_number) == (Status.ACTIVE, 2)
    assert confirmed.versions.get(number=2).approval.guardianship.guardian == other.user
    assert confirmed.epoch == arrangement.epoch
    assert verify().first_break is None
    changing.pause_arrangement(confirmed, by=family.by_child)
    assert changing.resume_arrangement(confirmed, by=family.by_child).status == Status.ACTIVE


def test_t19_what_another_guardian_allowed_goes_on(world, family):
    other = CustomerFactory()
    linking.begin_guardianship(family.child, other, by=family.officer, evidence=EVIDENCE)
    arrangement = given(family, world)

    link = Guardianship.objects.get(guardian=other.user)
    linking.end_guardianship(link, by=family.officer, reason="wish", evidence=EVIDENCE)

    arrangement.refresh_from_db()
    assert arrangement.status == Status.ACTIVE


# Staff, evidence and the date of birth


def test_a_link_needs_a_child_a_grown_up_and_an_officer_who_is_neither(world, family):
    grown_up, child = CustomerFactory(), family.child
    begin = linking.begin_guardianship
    proof = {"evidence": EVIDENCE}

    with pytest.raises(linking.NotAChild):
        begin(grown_up, family.guardian, by=family.officer, **proof)
    for nobody in (child, make_family().child, CustomerFactory(is_test=True)):
        with pytest.raises(Malformed):
            begin(child, nobody, by=family.officer, **proof)
    with pytest.raises(Conflict):
        begin(child, family.guardian, by=family.officer, **proof)
    officer = staff(Role.PRIVACY)
    own = CustomerFactory(user_id=officer.person_id)
    with pytest.raises(NotAllowed):
        begin(child, own, by=officer, **proof)
    for role in (Role.ADMIN, Role.SECURITY, Role.REVIEWER, Role.CATALOG):
        with pytest.raises(NotAllowed):
            begin(child, grown_up, by=staff(role), **proof)


def test_t20_what_a_child_agreed_to_alone_was_never_valid(world):
    arrangement = agree(world, "need:read")

    make_family(world.customer)

    arrangement.refresh_from_db()
    assert arrangement.status == Status.INVALIDATED
    assert arrangement.end_reason == growing.WITHOUT_GUARDIAN


def test_s23_a_lying_change_of_the_date_of_birth_leaves_its_trace(world, family):
    arrangement = given(family, world)
    liar = staff(Role.PRIVACY)

    linking.change_birth_date(
        family.child, by=liar, day=years_ago(30), evidence=linking.Evidence("SC-000007", "callback")
    )

    event = Event.objects.filter(kind="consent.birth_date.changed").latest("pk")
    assert event.facts == {
        "case": "SC-000007", "identity": "callback", "before": "child", "after": "adult",
        "guardianships": [str(family.link.pk)],
    }  # fmt: skip
    assert event.actor == f"user:{reference_of(liar.person_id)}"
    arrangement.refresh_from_db()
    assert arrangement.reconsent_notice == OF_AGE
    assert timedelta(days=89) < arrangement.reconsent_by - timezone.now() <= GRACE
    while deliver_due():
        pass
    told = Message.objects.filter(key__startswith=event.public_id).values_list("user", flat=True)
    assert set(told) == {family.child.user_id, family.guardian.user_id}


def test_nobody_changes_their_own_date_of_birth(world):
    officer = staff(Role.PRIVACY)
    own = CustomerFactory(user_id=officer.person_id)

    with pytest.raises(NotAllowed):
        linking.change_birth_date(own, by=officer, day=years_ago(40), evidence=EVIDENCE)
    for role in (Role.ADMIN, Role.SECURITY):
        with pytest.raises(NotAllowed):
            linking.change_birth_date(
                world.customer, by=staff(role), day=years_ago(12), evidence=EVIDENCE
            )


def test_a_setting_of_the_child_moves_no_birthday(world, family):
    before = comes_of_age_at(family.child.user)

    family.child.user.time_zone = "Pacific/Kiritimati"
    family.child.user.save()
    family.born(birth_of(family.child.user).day)

    assert comes_of_age_at(family.child.user) == before


@pytest.mark.parametrize("years", [13, 18])
def test_the_age_is_the_countrys(settings, world, family, years):
    settings.AGE_OF_CONSENT = years

    birth = birth_of(family.child.user)
    assert comes_of_age_at(family.child.user) == birth.comes_of_age_at(years)


def test_a_guardian_who_closes_the_account_is_none_any_more(world, family):
    arrangement = given(family, world)

    close_account(family.guardian.user, by=family.by_guardian)

    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.pause_reason) == (Status.PAUSED, GUARDIAN_GONE)


def test_a_copy_of_ones_data_says_when_one_was_born_and_who_decides(world, family):
    [account], _ = read(family.child.user, "account", 0)

    assert account["born_on"] == birth_of(family.child.user).day
    assert [one["you_are"] for one in account["guardianships"]] == ["child"]
    assert family.guardian.user.email not in str(account["guardianships"])


def test_an_erased_child_leaves_no_date_of_birth(world, family):
    close_account(family.child.user, by=family.by_child)
    with time_machine.travel(timezone.now() + PATIENCE + timedelta(minutes=1)):
        erase_closed_accounts()
        with time_machine.travel(timezone.now() + PATIENCE + timedelta(minutes=1)):
            erase_closed_accounts()

    assert not BirthDate.objects.exists()
    assert family.link.end_reason == "account_closed"


def test_t20_who_was_grown_up_for_a_while_has_no_guardian_for_what_was_allowed(world, family):
    family.allows(family.asks(world.client), "need:read")
    arrangement = agree(world, "need:read")
    family.born(years_ago(30))

    family.born(years_ago(12))

    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.pause_reason) == (Status.PAUSED, GUARDIAN_GONE)
