from __future__ import annotations

import pytest
from django.urls import reverse

from partners.remarks import actions
from partners.remarks.models import Remark, Thread
from partners.reviews.actions import cast_vote, open_review
from partners.reviews.models import Verdict
from portal.access.actors import SYSTEM, Role
from portal.errors import NotAllowed, NotFound
from portal.events.log import deliver_due
from portal.notifications.models import Message
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff
from tests.factories.questionnaires import submitted
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
INTERNAL = Thread.Audience.INTERNAL


@pytest.fixture
def submission():
    return submitted()


@pytest.fixture
def assignment(submission):
    return submission.assignment


@pytest.fixture
def owner(assignment):
    return member(assignment.organization, Role.OWNER)


def test_the_word_goes_to_and_fro_until_it_is_settled(assignment, owner):
    reviewer = staff(Role.REVIEWER)
    actions.write_remark(assignment, by=reviewer, key="transport", text="Everywhere?")
    thread = Thread.objects.get()
    assert thread.status == Thread.Status.OPEN
    deliver_due()
    assert owner.person_id in set(
        Message.objects.filter(kind="remarks/written").values_list("user_id", flat=True)
    )

    actions.write_remark(assignment, by=owner, key="transport", text="Yes, since March.")
    thread.refresh_from_db()
    assert thread.status == Thread.Status.ANSWERED
    deliver_due()
    assert Message.objects.get(user_id=reviewer.person_id, kind="remarks/written").link == (
        f"/console/answers/{assignment.pk}/transport/"
    )

    with pytest.raises(NotAllowed):
        actions.resolve_thread(thread, by=owner)
    actions.resolve_thread(thread, by=reviewer)
    actions.write_remark(assignment, by=owner, key="transport", text="One more thing.")
    thread.refresh_from_db()
    assert thread.status == Thread.Status.ANSWERED


def test_answers_are_not_approved_while_a_question_to_the_partner_is_open(submission, assignment):
    reviewer = staff(Role.REVIEWER)
    review = open_review(submission, by=SYSTEM)
    actions.write_remark(assignment, by=reviewer, key="transport", text="Everywhere?")
    vote = {"verdict": Verdict.APPROVE, "reason": "Read.", "digest": review.digest}

    with pytest.raises(actions.Unsettled):
        cast_vote(review, by=reviewer, **vote)

    actions.resolve_thread(Thread.objects.get(), by=reviewer)
    actions.write_remark(
        assignment, by=reviewer, key="transport", text="Looks good.", audience=INTERNAL
    )
    cast_vote(review, by=reviewer, **vote)
    review.refresh_from_db()
    assert review.status == "approved"


def test_what_reviewers_say_among_themselves_is_nowhere_for_the_partner(client, assignment, owner):
    reviewer = staff(Role.REVIEWER)
    actions.write_remark(
        assignment, by=reviewer, key="transport", text="I do not believe it.", audience=INTERNAL
    )
    deliver_due()
    place = reverse("remarks:answer", args=[assignment.pk, "transport"])

    assert not Thread.objects.visible_to(owner).exists()
    assert not Message.objects.filter(user_id=owner.person_id, kind="remarks/written").exists()
    sign_in(client, owner)
    for page in (place, reverse("remarks:threads")):
        assert "I do not believe it." not in client.get(page).content.decode()
    client.post(place, {"text": "Hello?", "audience": "internal"})
    assert Remark.objects.latest("pk").thread.audience == Thread.Audience.PARTNER
    with pytest.raises(NotFound):
        actions.write_remark(
            assignment, by=owner, key="transport", text="Me, too.", audience=INTERNAL
        )
    sign_in(client, reviewer)
    assert "I do not believe it." in client.get(f"/console{place}").content.decode()


def test_strangers_and_unknown_questions_find_nothing(client, assignment):
    stranger = member(OrganizationFactory(), Role.OWNER)
    place = reverse("remarks:answer", args=[assignment.pk, "transport"])

    sign_in(client, stranger)
    assert client.get(place).status_code == 404
    assert client.get(f"/console{place}").status_code == 404
    with pytest.raises(NotAllowed):
        actions.write_remark(assignment, by=stranger, key="transport", text="Hi.")
    with pytest.raises(NotFound):
        actions.write_remark(assignment, by=staff(Role.REVIEWER), key="no-such", text="Hi.")


def test_staff_who_belong_to_the_partner_are_its_people_here(client, assignment, owner):
    both = type(owner)(
        id=owner.id,
        name=owner.name,
        roles=frozenset({Role.REVIEWER}),
        memberships=owner.memberships,
        person_id=owner.person_id,
    )

    remark = actions.write_remark(assignment, by=both, key="transport", text="Trust us.")

    assert not remark.is_of_staff
    with pytest.raises(NotFound):
        actions.write_remark(assignment, by=both, key="transport", text="x", audience=INTERNAL)
