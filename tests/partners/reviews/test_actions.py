from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from partners.applications.models import Client
from partners.applications.profiles import Profile
from partners.organizations.models import Membership
from partners.questionnaires import sending
from partners.reviews import actions
from partners.reviews.deadline import due_after
from partners.reviews.models import Review, Verdict, Vote
from partners.subscriptions import actions as subscriptions
from partners.subscriptions.models import Subscription, Tier
from portal.access.actors import SYSTEM, Role
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.people import member, staff, user_of
from tests.factories.questionnaires import answered, submitted
from tests.factories.reviews import access_request, review_of_access, review_of_answers, vote

pytestmark = pytest.mark.django_db


def test_what_is_submitted_comes_before_the_reviewers_once():
    submission = submitted()
    deliver_due()
    actions.open_review(submission, by=SYSTEM)

    review = Review.objects.get()
    assert (review.submission, review.status, review.quorum) == (submission, "open", 1)
    assert Event.objects.filter(kind="partners.review.opened").count() == 1


def test_reviewers_and_security_officers_hear_of_it():
    reviewer, officer = staff(Role.REVIEWER), staff(Role.SECURITY)
    staff(Role.CATALOG)
    submitted()

    deliver_due()

    told = Message.objects.filter(kind="reviews/opened").values_list("user_id", flat=True)
    assert set(told) == {reviewer.person_id, officer.person_id}


def test_one_person_is_enough_for_a_low_tier():
    review = vote(review_of_answers(), staff(Role.REVIEWER), reason="")

    assert review.status == "approved"
    review.organization.refresh_from_db()
    assert review.organization.status == "approved"


@pytest.mark.parametrize("tier", [Tier.HIGH, Tier.SEVERE])
def test_a_high_tier_needs_two_people_and_one_of_them_for_security(tier):
    review = review_of_access(tier=tier)

    vote(review, staff(Role.REVIEWER))
    vote(review, staff(Role.REVIEWER))
    review.refresh_from_db()
    assert review.status == "open"

    assert vote(review, staff(Role.SECURITY)).status == "approved"
    assert Subscription.objects.get().request == review.access_request


def test_two_are_enough_when_the_first_was_for_security():
    review = review_of_access(tier=Tier.HIGH)

    assert vote(review, staff(Role.SECURITY)).status == "open"
    assert vote(review, staff(Role.REVIEWER)).status == "approved"


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (Profile.FAPI2, Profile.FAPI2, "fapi2"),
        (Profile.FAPI2, Profile.FAPI2_MESSAGE_SIGNING, "fapi2-message-signing"),
        (Profile.FAPI2_MESSAGE_SIGNING, Profile.FAPI2, "fapi2-message-signing"),
        (Profile.FAPI2, None, "fapi2"),
        (None, None, "sandbox"),
    ],
)
def test_nobody_alone_loosens_what_the_other_asks_of_the_client(first, second, outcome):
    review = review_of_access(tier=Tier.HIGH)

    vote(review, staff(Role.SECURITY), profile=first)
    assert Client.objects.get(pk=review.access_request.client_id).profile == "sandbox"
    vote(review, staff(Role.REVIEWER), profile=second)

    assert Client.objects.get(pk=review.access_request.client_id).profile == outcome


def test_the_same_person_does_not_count_twice():
    review = review_of_access(tier=Tier.HIGH)
    officer = staff(Role.SECURITY, Role.REVIEWER)
    vote(review, officer)

    with pytest.raises(NotAllowed) as refusal:
        vote(review, officer)

    assert refusal.value.code == "not_independent"
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(
            review=review,
            voter=user_of(officer),
            verdict="approve",
            for_security=True,
            digest=review.digest,
            cast_at=review.opened_at,
        )


def test_nobody_decides_for_their_own_organization():
    review = review_of_answers()
    # The database lets nobody be both; this is somebody whose roles were read before they changed.
    insider = replace(member(review.organization, Role.VIEWER), roles=frozenset({Role.REVIEWER}))

    with pytest.raises(NotAllowed) as refusal:
        vote(review, insider)

    assert refusal.value.code == "not_independent"


def test_nobody_decides_what_they_sent_even_after_they_left():
    review = review_of_answers()
    Membership.objects.filter(organization=review.organization).delete()
    turncoat = staff(Role.REVIEWER)
    review.submission.submitted_by = user_of(turncoat)

    assert actions.why_not(review, [], by=turncoat)


@pytest.mark.parametrize("role", [Role.CATALOG, Role.PRIVACY])
def test_other_staff_do_not_decide(role):
    with pytest.raises(NotAllowed):
        vote(review_of_answers(), staff(role))


def test_partners_do_not_decide():
    review = review_of_answers()

    with pytest.raises(NotAllowed):
        vote(review, member(review.organization, Role.OWNER))


@pytest.mark.parametrize("verdict", [Verdict.RETURN, Verdict.REJECT])
def test_one_no_decides_at_once_whatever_the_tier(verdict):
    review = vote(review_of_answers(admin_mfa="no"), staff(Role.REVIEWER), verdict)

    assert review.status == {"return": "returned", "reject": "rejected"}[verdict]
    review.submission.assignment.refresh_from_db()
    assert review.submission.assignment.status == review.status
    assert review.submission.assignment.reason == "Read it."


def test_access_is_refused_with_the_reason():
    review = vote(review_of_access(), staff(Role.REVIEWER), Verdict.REJECT, reason="Too wide.")

    review.access_request.refresh_from_db()
    assert (review.access_request.status, review.access_request.reason) == ("rejected", "Too wide.")


def test_a_wish_for_access_cannot_be_sent_back():
    with pytest.raises(Refused) as refusal:
        vote(review_of_access(), staff(Role.REVIEWER), Verdict.RETURN)

    assert refusal.value.code == "cannot_return"


@pytest.mark.parametrize(
    ("tier", "verdict"),
    [
        (Tier.LOW, Verdict.REJECT),
        (Tier.HIGH, Verdict.APPROVE),
        (Tier.HIGH, Verdict.REJECT),
    ],
)
def test_some_decisions_need_a_reason(tier, verdict):
    review = review_of_access(tier=tier)

    with pytest.raises(Refused) as refusal:
        vote(review, staff(Role.SECURITY), verdict, reason="  ")

    assert refusal.value.code == "reason_needed"
    assert "reason" in refusal.value.errors


def test_a_vote_is_for_what_was_shown():
    review = review_of_answers()

    with pytest.raises(Conflict) as refusal:
        actions.cast_vote(
            review,
            by=staff(Role.REVIEWER),
            verdict=Verdict.APPROVE,
            reason="",
            digest="0" * 64,
        )

    assert refusal.value.code == "changed_since"


def test_an_application_that_changed_after_asking_is_not_approved_and_no_vote_stays():
    review = review_of_access()
    application = review.access_request.client.application
    application.data_uses.update(retention_days=900)

    with pytest.raises(Conflict) as refusal:
        vote(review, staff(Role.REVIEWER))

    assert refusal.value.code == "changed_since"
    assert not Vote.objects.exists()
    review.refresh_from_db()
    assert review.status == "open"


def test_what_is_decided_stays_decided():
    review = vote(review_of_answers(), staff(Role.REVIEWER))

    with pytest.raises(Conflict) as refusal:
        vote(review, staff(Role.REVIEWER), Verdict.REJECT)

    assert refusal.value.code == "already_decided"
    with pytest.raises(DatabaseError), transaction.atomic():
        Vote.objects.update(verdict="reject")


def test_a_high_tier_cannot_be_stored_with_a_quorum_of_one():
    review = review_of_access(tier=Tier.HIGH)

    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(quorum=1)


def test_the_next_round_is_a_review_of_its_own():
    review = review_of_answers()
    vote(review, staff(Role.REVIEWER), Verdict.RETURN)
    assignment = review.submission.assignment
    by = member(review.organization, Role.OWNER)
    answered(assignment, by=by, deletion="month", deletion_reason="Refunds.")
    sending.submit_questionnaire(assignment, by=by)

    deliver_due()

    assert [r.status for r in Review.objects.order_by("pk")] == ["returned", "open"]


def test_a_withdrawn_wish_leaves_the_queue():
    asked = access_request()
    review = actions.open_review(asked, by=SYSTEM)
    subscriptions.withdraw_request(
        asked, by=member(asked.client.application.organization, Role.OWNER)
    )

    deliver_due()

    review.refresh_from_db()
    assert review.status == "withdrawn"


def test_the_partner_hears_of_the_decision_once():
    review = review_of_answers()
    owner = review.submission.submitted_by
    viewer = member(review.organization, Role.VIEWER)
    vote(review, staff(Role.REVIEWER), Verdict.RETURN, reason="Which mailbox?")
    deliver_due()

    message = Message.objects.get(kind="reviews/decided")
    assert message.user == owner
    assert "Which mailbox?" in message.text
    assert message.subject == "Sent back to you: Security questionnaire"
    assert not Message.objects.filter(user_id=viewer.person_id).exists()


@pytest.mark.parametrize(
    ("opened", "tier", "due"),
    [
        ("2026-03-09T10:00", 1, "2026-03-10T10:00"),
        ("2026-03-13T10:00", 1, "2026-03-16T10:00"),
        ("2026-03-12T10:00", 3, "2026-03-17T10:00"),
        ("2026-03-14T10:00", 1, "2026-03-16T10:00"),
        ("2026-03-09T10:00", 4, "2026-03-13T10:00"),
    ],
)
def test_weekends_do_not_count(opened, tier, due):
    start = datetime.fromisoformat(opened).replace(tzinfo=UTC)

    assert due_after(start, tier=tier) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_whoever_asked_for_access_hears_that_it_is_open():
    review = vote(review_of_access(), staff(Role.REVIEWER))
    deliver_due()

    message = Message.objects.get(kind="reviews/decided")
    assert message.user == review.access_request.requested_by
    assert "Access is open from now on." in message.text
    assert message.link == f"/apps/{review.access_request.client.application.slug}/"
