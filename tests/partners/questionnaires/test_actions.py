from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.utils import DatabaseError

from partners.evidence.links import shown_for
from partners.organizations.models import Organization
from partners.questionnaires import answering, deciding, library, publishing, sending
from partners.questionnaires.answering import AnswerChanged, Given, Hidden, NotOpen
from partners.questionnaires.models import Assignment, Submission, TemplateVersion
from partners.questionnaires.sending import Incomplete
from portal.access.actors import SYSTEM, Role
from portal.errors import Conflict, Malformed, NotAllowed, NotFound
from portal.events.log import deliver_due, record
from portal.events.models import Event
from tests.factories.evidence import scanned
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff
from tests.factories.questionnaires import (
    answered,
    asked_for,
    assigned,
    document_of,
    say,
    submitted,
)

pytestmark = pytest.mark.django_db


def test_loading_the_questionnaires_again_changes_nothing():
    call_command("load_questionnaires", verbosity=0)
    call_command("load_questionnaires", verbosity=0)

    assert TemplateVersion.objects.count() == 3
    assert Event.objects.filter(kind="partners.questionnaire.published").count() == 3


def test_another_document_is_the_next_version_and_the_published_one_stays():
    document = library.document(library.ONBOARDING)
    first = publishing.publish_template(document, by=SYSTEM)
    second = publishing.publish_template(
        {**document, "title": "Another", "version": "1.0.1"}, by=SYSTEM
    )

    assert (first.number, second.number) == (1, 2)
    with pytest.raises(DatabaseError), transaction.atomic():
        TemplateVersion.objects.filter(pk=first.pk).update(document={})


def test_a_broken_document_is_refused():
    with pytest.raises(Malformed) as refusal:
        publishing.publish_template({"code": "x", "title": "X", "sections": [{}]}, by=SYSTEM)

    assert refusal.value.code == "broken_content"


def test_whoever_joins_is_asked_once():
    organization = OrganizationFactory()
    for _ in range(2):
        record(
            "partners.organization.joined",
            organization,
            by=SYSTEM,
            organization_id=organization.pk,
        )
    deliver_due()

    assert Assignment.objects.get().organization == organization


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.OWNER, True),
        (Role.DEVELOPER, True),
        (Role.SECURITY_CONTACT, True),
        (Role.SIGNER, False),
        (Role.VIEWER, False),
    ],
)
def test_who_may_answer(role, may):
    assignment = assigned()
    by = member(assignment.organization, role)
    if may:
        answering.answer_question(assignment, by=by, key="deletion", value="day", revision=0)
        assert assignment.values() == {"deletion": "day"}
    else:
        with pytest.raises(NotAllowed):
            answering.answer_question(assignment, by=by, key="deletion", value="day", revision=0)


def test_neither_staff_nor_another_partner_may_answer():
    assignment = assigned()
    for by in (staff(Role.ADMIN), member(OrganizationFactory(), Role.OWNER)):
        with pytest.raises(NotAllowed):
            answering.answer_question(assignment, by=by, key="deletion", value="day", revision=0)


def test_of_two_who_answer_at_once_the_second_is_told_what_the_first_said():
    assignment = assigned()
    first = member(assignment.organization, Role.OWNER)
    second = member(assignment.organization, Role.DEVELOPER)
    answering.answer_question(assignment, by=first, key="deletion", value="day", revision=0)

    with pytest.raises(AnswerChanged) as refusal:
        answering.answer_question(assignment, by=second, key="deletion", value="never", revision=0)

    assert refusal.value.code == "answer_changed"
    assert refusal.value.answer.value == "day"
    assert f"{first.name} changed this answer to “Within 24 hours”" in str(refusal.value)
    assert assignment.values() == {"deletion": "day"}


def test_sending_the_same_answer_twice_is_harmless():
    assignment = assigned()
    by = member(assignment.organization, Role.OWNER)
    for _ in range(2):
        answer = answering.answer_question(
            assignment, by=by, key="deletion", value="day", revision=0
        )

    assert answer.revision == 1
    assert Event.objects.filter(kind="partners.questionnaire.answered").count() == 1


def test_an_answer_can_be_cleared():
    assignment = assigned()
    by = member(assignment.organization, Role.OWNER)
    answering.answer_question(assignment, by=by, key="security-owner", value="Us", revision=0)
    answering.answer_question(assignment, by=by, key="security-owner", value="", revision=1)

    assert assignment.values() == {}
    assert assignment.answers.get().revision == 2


def test_a_hidden_question_takes_no_answer():
    assignment = assigned()
    by = member(assignment.organization, Role.OWNER)

    with pytest.raises(Hidden):
        answering.answer_question(assignment, by=by, key="deletion-reason", value="x", revision=0)
    with pytest.raises(NotFound):
        answering.answer_question(assignment, by=by, key="nothing", value="x", revision=0)


def test_one_bad_answer_of_a_page_costs_none_of_the_others():
    assignment = assigned()
    by = member(assignment.organization, Role.OWNER)

    outcome = answering.answer_section(
        assignment,
        by=by,
        answers=[
            Given("deletion", ["month"], 0),
            Given("deletion-reason", ["To settle refunds."], 0),
            Given("retention-days", ["many"], 0),
            Given("admin-mfa-plan", ["hidden"], 0),
        ],
    )

    assert outcome.saved == ["deletion", "deletion-reason"]
    assert list(outcome.refused) == ["retention-days"]
    assert assignment.values() == {"deletion": "month", "deletion-reason": "To settle refunds."}


def test_what_is_missing_is_named_before_anything_is_sent():
    assignment = answered(deletion="month")

    with pytest.raises(Incomplete) as refusal:
        sending.submit_questionnaire(assignment, by=member(assignment.organization, Role.OWNER))

    assert refusal.value.errors == {"deletion-reason": ["3.1a needs an answer."]}
    assert not Submission.objects.exists()


def test_a_developer_may_not_submit():
    assignment = answered()

    with pytest.raises(NotAllowed):
        sending.submit_questionnaire(assignment, by=member(assignment.organization, Role.DEVELOPER))


def test_answers_to_questions_that_became_hidden_are_left_out_of_what_is_sent():
    assignment = answered(suppliers="contracts", supplier_list="A host in Vilnius.")
    by = member(assignment.organization, Role.OWNER)
    answering.answer_question(assignment, by=by, key="suppliers", value="none", revision=1)

    submission = sending.submit_questionnaire(assignment, by=by)

    assert "supplier-list" not in submission.snapshot["answers"]
    assert "supplier-list" in assignment.values()
    assert submission.score["tier"] == 1


def test_what_was_sent_is_fixed():
    submission = submitted()

    with pytest.raises(DatabaseError), transaction.atomic():
        Submission.objects.filter(pk=submission.pk).update(sha256="0" * 64)
    with pytest.raises(NotOpen):
        answering.answer_question(
            submission.assignment,
            by=member(submission.assignment.organization, Role.OWNER),
            key="deletion",
            value="never",
            revision=1,
        )


def test_an_approval_lets_the_organization_in():
    submission = submitted()

    deciding.approve_submission(submission, by=staff(Role.REVIEWER))

    organization = Organization.objects.get()
    assert organization.status == "approved"
    assert Assignment.objects.get().status == "approved"


def test_what_comes_back_is_answered_in_the_next_round():
    submission = submitted()
    assignment = submission.assignment
    by = member(assignment.organization, Role.OWNER)
    deciding.return_submission(submission, by=staff(Role.REVIEWER), reason="Which mailbox?")
    assignment.refresh_from_db()
    assert (assignment.status, assignment.reason) == ("returned", "Which mailbox?")

    answering.answer_question(
        assignment, by=by, key="breach-contact", value="day@partner.example", revision=1
    )
    again = sending.submit_questionnaire(assignment, by=by)

    assert (again.round, assignment.submissions.count()) == (2, 2)
    with pytest.raises(Conflict):
        deciding.approve_submission(submission, by=staff(Role.REVIEWER))


def test_only_reviewers_decide():
    submission = submitted()

    for by in (member(submission.assignment.organization, Role.OWNER), staff(Role.CATALOG)):
        with pytest.raises(NotAllowed):
            deciding.approve_submission(submission, by=by)


def test_an_answer_names_own_files_only_and_they_go_along_with_what_is_sent(scanner):
    document = document_of({"key": "report", "kind": "files"}, {"key": "who"})
    assignment = asked_for(document)
    by = member(assignment.organization, Role.OWNER)
    own = scanned(assignment.organization)
    strange = scanned(OrganizationFactory())

    for reference in (str(strange.public_id), "nothing"):
        with pytest.raises(Malformed):
            say(assignment, by, report=[reference])
    say(assignment, by, report=[str(own.public_id)], who="us")
    submission = sending.submit_questionnaire(assignment, by=by)

    sent = {"name": own.name, "sha256": own.sha256}
    assert submission.snapshot["files"] == {"report": [sent]}
    assert shown_for(assignment)["report"][0].sent_at is not None
