"""Two reviewers press the button at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from partners.organizations.actors import actor_of
from partners.questionnaires import answering
from partners.questionnaires.models import Answer
from partners.reviews.models import Verdict, Vote
from partners.subscriptions import actions as subscriptions
from partners.subscriptions.models import Subscription, Tier
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed
from portal.events.models import Event
from tests.factories.people import member, staff
from tests.factories.questionnaires import assigned
from tests.factories.reviews import review_of_access, review_of_answers, vote

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            return deed()
        except Conflict as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_two_approvals_at_once_are_one_decision():
    for _ in range(ROUNDS):
        review = review_of_answers()

        outcomes = at_once(*[partial(vote, review, staff(Role.REVIEWER)) for _ in range(2)])

        refused = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
        assert [refusal.code for refusal in refused] == ["already_decided"]
        assert Vote.objects.filter(review=review).count() == 1
        decided = Event.objects.about(review).filter(kind="partners.review.decided")
        assert decided.count() == 1


def test_the_two_of_a_quorum_at_once_open_access_once():
    for _ in range(ROUNDS):
        review = review_of_access(tier=Tier.HIGH)

        at_once(
            partial(vote, review, staff(Role.REVIEWER)),
            partial(vote, review, staff(Role.SECURITY)),
        )

        review.refresh_from_db()
        assert review.status == "approved"
        assert Subscription.objects.filter(request=review.access_request).count() == 1


def test_a_yes_and_a_no_at_once_are_one_of_them():
    for _ in range(ROUNDS):
        review = review_of_access()

        at_once(
            partial(vote, review, staff(Role.REVIEWER)),
            partial(vote, review, staff(Role.SECURITY), Verdict.REJECT),
        )

        review.refresh_from_db()
        assert review.votes.count() == 1
        assert Subscription.objects.filter(request=review.access_request).count() == (
            review.status == "approved"
        )


def test_s5_high_risk_needs_two_people_neither_of_them_the_partner_s_whatever_is_tried():
    review = review_of_access(tier=Tier.HIGH)
    both_hats = staff(Role.REVIEWER, Role.SECURITY)
    vote(review, both_hats)
    # The database lets nobody be both; this is somebody whose roles were read before they changed.
    insider = replace(member(review.organization, Role.VIEWER), roles=frozenset({Role.REVIEWER}))

    for person in (both_hats, insider, actor_of(review.submitter)):
        with pytest.raises(NotAllowed):
            vote(review, person)
    with pytest.raises(NotAllowed):  # Past the votes, in a shell.
        subscriptions.approve_access(review.access_request, by=insider)
    outcomes = at_once(
        partial(vote, review, staff(Role.SECURITY)),
        partial(vote, review, staff(Role.SECURITY), Verdict.REJECT),
    )

    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
    review.refresh_from_db()
    is_approved = review.status == "approved"
    assert Subscription.objects.count() == is_approved
    decisions = Event.objects.about(review).filter(kind="partners.review.decided")
    assert decisions.count() == 1
    access = Event.objects.filter(kind__in=["partners.access.approved", "partners.access.rejected"])
    assert access.count() == 1


def test_of_two_answers_at_once_none_is_lost_silently():
    for _ in range(ROUNDS):
        assignment = assigned()
        people = [member(assignment.organization, Role.OWNER) for _ in range(2)]

        outcomes = at_once(
            *[
                partial(
                    answering.answer_question,
                    assignment,
                    by=by,
                    key="deletion",
                    value=value,
                    revision=0,
                )
                for by, value in zip(people, ["day", "month"], strict=True)
            ]
        )

        (kept,) = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
        assert refused.code == "answer_changed"
        assert assignment.values() == {"deletion": kept.value}
