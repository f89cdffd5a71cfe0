"""From the first answer to the signature, and what nobody may do on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.apis.models import Field
from catalog.impact import actions
from catalog.impact.models import Assessment
from catalog.impact.questions import CODES, MAX_RISKS, Level, Risk
from catalog.impact.standing import standing_of, standings_of
from catalog.specs.actions import import_document
from portal.access.actors import MEMBER_ROLES, SYSTEM, Role
from portal.errors import Conflict, Malformed, NotAllowed
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.catalog.specs.documents import api, operation, people_without_words, raw
from tests.factories.impact import ANSWERS, OPINION, RISKS, assessed, submitted, written
from tests.factories.people import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    return import_document(raw(api()), by=SYSTEM, source="people.json").version


def code_of(version) -> str:
    return standing_of(version, at=timezone.now()).code


def test_from_missing_to_covered(version):
    assert code_of(version) == "impact_missing"

    assessment = submitted(version)
    assert code_of(version) == "impact_missing"
    officer = staff(Role.PRIVACY)
    actions.decide_assessment(assessment, by=officer, opinion=OPINION, is_approved=True)

    assert code_of(version) == ""
    kept = Assessment.objects.get()
    assert (kept.number, kept.status, kept.officer_id) == (1, "approved", officer.person_id)
    assert kept.is_intact()
    event = Event.objects.get(kind="catalog.impact.approved")
    assert event.facts["sha256"] == kept.sha256
    assert OPINION not in str(event.facts)


def test_what_reveals_nothing_personal_needs_none():
    schema = {
        "type": "object",
        "properties": {"town": {"type": "string", "x-data-class": "public"}},
    }
    answers = {"200": {"description": "It", "content": {"application/json": {"schema": schema}}}}
    document = api(paths={"/towns": {"get": operation(responses=answers)}})
    open_ = import_document(raw(document), by=SYSTEM, source="t").version

    assert code_of(open_) == ""
    with pytest.raises(actions.NothingPersonal):
        actions.open_assessment(open_, by=staff(Role.CATALOG))


def test_one_more_field_needs_the_next_and_it_begins_with_the_last_words(version):
    assessed(version)
    field = Field.objects.filter(operation__version=version, pointer="/name").get()
    Field.objects.create(
        operation=field.operation, position=900, pointer="/phone", name="phone", type="string",
        depth=3, scope="people:read",
    )  # fmt: skip

    standing = standing_of(version, at=timezone.now())
    following = actions.open_assessment(version, by=staff(Role.CATALOG))

    assert standing.code == "impact_outdated"
    assert "/phone" in standing.words
    assert (following.number, following.answers) == (2, ANSWERS)
    assessed(version)
    assert code_of(version) == ""


def test_an_approval_counts_until_the_instant_of_its_review_and_not_at_it(version):
    assessment = assessed(version)
    last = assessment.review_at - timedelta(microseconds=1)

    assert standing_of(version, at=last).code == ""
    assert standing_of(version, at=assessment.review_at).code == "impact_due"


def test_a_refusal_covers_nothing(version):
    assessment = submitted(version)

    actions.decide_assessment(
        assessment, by=staff(Role.PRIVACY), opinion=OPINION, is_approved=False
    )

    assert code_of(version) == "impact_missing"


def test_what_was_sent_back_can_be_changed_and_sent_again(version):
    assessment = submitted(version)
    actions.return_assessment(assessment, by=staff(Role.PRIVACY), opinion="Why the notes? " * 3)

    actions.write_assessment(assessment, by=staff(Role.CATALOG), answers=ANSWERS, risks=RISKS)
    actions.submit_assessment(assessment, by=staff(Role.CATALOG))

    assert Assessment.objects.get().status == "submitted"


def test_nobody_changes_what_lies_before_the_officer(version):
    assessment = submitted(version)

    with pytest.raises(Conflict, match="with the privacy officer"):
        actions.write_assessment(assessment, by=staff(Role.CATALOG), answers=ANSWERS, risks=RISKS)


@pytest.mark.parametrize("missing", CODES)
def test_every_question_is_answered_before_it_is_sent(version, missing):
    author = staff(Role.CATALOG)
    assessment = actions.open_assessment(version, by=author)
    actions.write_assessment(assessment, by=author, answers=ANSWERS | {missing: "  "}, risks=RISKS)

    with pytest.raises(actions.NotComplete):
        actions.submit_assessment(assessment, by=author)


def test_a_risk_is_named_before_it_is_sent(version):
    author = staff(Role.CATALOG)
    assessment = actions.open_assessment(version, by=author)
    actions.write_assessment(assessment, by=author, answers=ANSWERS, risks=[])

    with pytest.raises(actions.NotComplete, match="wrong"):
        actions.submit_assessment(assessment, by=author)


def test_there_is_an_end_to_what_can_be_written(version):
    author = staff(Role.CATALOG)
    assessment = actions.open_assessment(version, by=author)

    with pytest.raises(Malformed):
        actions.write_assessment(
            assessment, by=author, answers=ANSWERS | {CODES[0]: "x" * 2001}, risks=RISKS
        )
    with pytest.raises(Malformed):
        actions.write_assessment(
            assessment, by=author, answers=ANSWERS, risks=RISKS * (MAX_RISKS + 1)
        )
    with pytest.raises(Malformed):
        actions.write_assessment(assessment, by=author, answers={"else": "x"}, risks=RISKS)


def test_nobody_judges_what_they_wrote(version):
    both = staff(Role.PRIVACY, Role.CATALOG)
    assessment = submitted(version, by=both)

    with pytest.raises(NotAllowed, match="somebody else"):
        actions.decide_assessment(assessment, by=both, opinion=OPINION, is_approved=True)


@pytest.mark.parametrize("role", sorted({*MEMBER_ROLES, Role.CATALOG, Role.ADMIN, Role.SECURITY}))
def test_only_a_privacy_officer_judges(version, role):
    assessment = submitted(version)

    with pytest.raises(NotAllowed):
        actions.decide_assessment(assessment, by=staff(role), opinion=OPINION, is_approved=True)


def test_the_portal_itself_never_judges(version):
    with pytest.raises(NotAllowed):
        actions.decide_assessment(submitted(version), by=SYSTEM, opinion=OPINION, is_approved=True)


def test_what_changed_after_it_was_sent_is_not_signed(version):
    assessment = submitted(version)
    Field.objects.filter(operation__version=version, pointer="/name").update(depth=4)

    with pytest.raises(actions.ChangedMeanwhile):
        actions.decide_assessment(
            assessment, by=staff(Role.PRIVACY), opinion=OPINION, is_approved=True
        )


@pytest.mark.parametrize("opinion", ["", "Yes.", " " * 40, "x" * 4001], ids=len)
def test_an_opinion_is_a_sentence(version, opinion):
    with pytest.raises(Malformed):
        actions.decide_assessment(
            submitted(version), by=staff(Role.PRIVACY), opinion=opinion, is_approved=True
        )


def test_what_was_signed_stays_as_it_was_signed(version):
    assessment = assessed(version)

    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        Assessment.objects.filter(pk=assessment.pk).update(opinion="Something else entirely.")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        Assessment.objects.filter(pk=assessment.pk).delete()
    with (
        pytest.raises(ProgrammingError, match=r"Cannot truncate|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE impact_assessment")


@pytest.mark.parametrize("name", ["opinion", "answers", "risks", "exposure", "officer_id"])
def test_a_signature_is_over_all_that_was_said(version, name):
    assessment = assessed(version)
    other = {"opinion": "Otherwise", "answers": {}, "risks": [], "exposure": [], "officer_id": 0}

    setattr(assessment, name, other[name])

    assert not assessment.is_intact()


def test_opening_twice_gives_the_same_one(version):
    author = staff(Role.CATALOG)

    first = actions.open_assessment(version, by=author)

    assert actions.open_assessment(version, by=staff(Role.ADMIN)) == first
    assert Assessment.objects.count() == 1


def test_officers_hear_of_it_and_the_author_hears_what_became_of_it(version):
    author, officer = staff(Role.CATALOG), staff(Role.PRIVACY)
    assessment = submitted(version, by=author)
    deliver_due()
    told = Message.objects.get(kind="impact/submitted")
    assert told.user_id == officer.person_id
    assert str(version) in told.text
    assert ANSWERS["why"] not in told.text

    actions.decide_assessment(assessment, by=officer, opinion=OPINION, is_approved=True)
    deliver_due()
    deliver_due()

    told = Message.objects.get(kind="impact/approved")
    assert told.user_id == author.person_id
    assert OPINION not in told.text


def test_many_versions_are_judged_in_three_statements(version):
    other = import_document(raw(people_without_words()), by=SYSTEM, source="t", slug="b").version
    assessed(version)
    written(other)

    with CaptureQueriesContext(connection) as asked:
        found = standings_of([version, other], at=timezone.now())

    assert len(asked) == 3
    assert [found[one.pk].code for one in (version, other)] == ["", "impact_missing"]


def test_risks_are_named_the_worst_first(version):
    small = Risk("Little", Level.LOW, Level.LOW, "None")
    author = staff(Role.CATALOG)
    assessment = actions.open_assessment(version, by=author)

    actions.write_assessment(assessment, by=author, answers={}, risks=[small, *RISKS])

    assert [risk.rank for risk in assessment.named_risks] == [3, 1]
