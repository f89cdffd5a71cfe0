"""Answers that end, next year's that begin from them, and what was said elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from partners.evidence.models import EvidenceFile
from partners.questionnaires import deciding, library, sending
from partners.questionnaires.models import Assignment
from partners.questionnaires.sending import Incomplete
from partners.renewals import actions, reminding
from portal.access.actors import Role
from portal.errors import Malformed
from portal.notifications.models import Message
from tests.factories.evidence import clean_file
from tests.factories.partners import ClientFactory
from tests.factories.people import member, staff, user_of
from tests.factories.questionnaires import (
    answered,
    asked_for,
    assigned,
    choice_of,
    document_of,
    say,
)
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
ENDS = datetime(2026, 3, 1, tzinfo=UTC)
CAIQ = """Question ID,CSP CAIQ Answer,Comment,Question
IAM-14.1,Yes,our words,somebody else's question
LOG-08.1,No,,somebody else's question
A&A-01.1,Yes,,somebody else's question
STA-99.9,N/A,,somebody else's question
no id,Yes,,
"""


def approved(assignment, owner):
    deciding.approve_submission(
        sending.submit_questionnaire(assignment, by=owner), by=staff(Role.REVIEWER)
    )
    assignment.refresh_from_db()


def test_scenario_13_renewal_and_reuse(client):
    live = ClientFactory(production=True)
    organization = live.application.organization
    sandbox = ClientFactory(application=live.application)
    asked = document_of(
        choice_of("mfa", "yes", "no"),
        {"key": "report", "kind": "files", "max_age_days": 300, "required": False},
        {"key": "policy", "kind": "files", "required": False},
        valid_months=12,
    )
    with time_machine.travel(datetime(2025, 3, 1, tzinfo=UTC), tick=False):
        assignment = asked_for(asked, organization)
        owner = member(organization, Role.OWNER)
        report, policy = clean_file(organization, by=owner), clean_file(organization, by=owner)
        EvidenceFile.objects.update(uploaded_at=datetime(2025, 3, 1, tzinfo=UTC))
        say(assignment, owner, mfa="yes")
        say(assignment, owner, report=[str(report.public_id)], policy=[str(policy.public_id)])
        approved(assignment, owner)
    organization.refresh_from_db()
    assert assignment.valid_until == organization.cleared_until == ENDS

    with time_machine.travel(ENDS - timedelta(days=60, seconds=1), tick=False):
        assert actions.open_due_renewals() == 0
    with time_machine.travel(ENDS - timedelta(days=60), tick=False):
        assert actions.open_due_renewals() == 1
        assert actions.open_due_renewals() == 0
        reminding.remind_of_renewals()
        reminding.remind_of_renewals()
    renewal = Assignment.objects.get(replaces=assignment)
    carried = {answer.key: answer for answer in renewal.answers.all()}
    assert carried["mfa"].value == "yes"
    assert carried["policy"].value == [str(policy.public_id)]
    assert "report" not in carried, "older than its question lets it be"
    assert not any(answer.is_confirmed for answer in carried.values())
    assert "1 March 2025" in carried["mfa"].carried_from
    assert Message.objects.filter(user=user_of(owner), kind="renewals/due").count() == 1
    with pytest.raises(Incomplete):
        sending.submit_questionnaire(renewal, by=owner)

    # At the instant itself production pauses, and nothing had to run for it.
    live.refresh_from_db()
    with time_machine.travel(ENDS - timedelta(seconds=1), tick=False):
        assert live.is_live
    with time_machine.travel(ENDS, tick=False):
        assert not live.is_live
        assert sandbox.is_live
        sign_in(client, owner)
        page = client.get("/security/").content.decode()
        assert "Production is paused since" in page
        assert "production opens again when we approve them" in page

        say(renewal, owner, mfa="yes", policy=[str(policy.public_id)])
        approved(renewal, owner)
    live = type(live).objects.get(pk=live.pk)
    with time_machine.travel(ENDS + timedelta(minutes=1), tick=False):
        assert live.is_live
    assignment.refresh_from_db()
    assert (assignment.status, renewal.status) == ("superseded", "approved")


def test_scenario_13_a_caiq_is_mapped_by_id_and_its_wording_is_not_kept(client):
    assignment = asked_for(library.document(library.EXTENDED))
    owner = member(assignment.organization, Role.OWNER)
    sign_in(client, owner)
    file = SimpleUploadedFile("caiq.csv", CAIQ.encode(), "text/csv")
    page = client.post("/security/extended/library/caiq/", {"file": file}).content.decode()

    assert "2 rows of your CAIQ have no question here" in page
    assert "A&amp;A-01.1, STA-99.9" in page
    imported = {answer.key: answer for answer in assignment.answers.all()}
    assert {key: answer.value for key, answer in imported.items()} == {
        "admin-mfa": "code",
        "security-log": "no",
    }
    assert {answer.origin for answer in imported.values()} == {"imported"}
    assert not any(answer.is_confirmed for answer in imported.values())
    kept = [str(row) for row in assignment.revisions.values()]
    assert not any("somebody else" in row or "our words" in row for row in kept)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"\xff\xfe", "not_text"),
        (b"[" * 5000, "not_json"),
        (b"nothing,here", "no_answers"),
        (b"[1, null]", "no_answers"),
        (b"x" * 2_000_001, "file_too_large"),
    ],
    ids=["no text", "deep", "no ids", "no rows", "large"],
)
def test_what_is_no_caiq_is_refused(body, code):
    assignment = assigned()
    owner = member(assignment.organization, Role.OWNER)

    with pytest.raises(Malformed) as refusal:
        actions.fill_from_caiq(assignment, by=owner, body=body)

    assert refusal.value.code == code


def test_what_was_said_to_one_questionnaire_comes_along_to_the_next(client):
    first = answered()
    owner = member(first.organization, Role.OWNER)
    second = asked_for(library.document(library.STANDARD), first.organization)
    say(second, owner, admin_mfa="code")
    sign_in(client, owner)

    page = client.get("/security/standard/library/").content.decode()
    assert "Fill in 11 answers" in page
    client.post("/security/standard/library/")

    reused = second.answers.filter(origin="reused")
    assert reused.count() == 11
    assert not reused.filter(is_confirmed=True).exists()
    assert second.values()["admin-mfa"] == "code"
    assert "Nothing new fits" in client.get("/security/standard/library/").content.decode()


def test_a_renewal_is_begun_by_hand_when_no_job_has_run(client):
    assignment = answered()
    owner = member(assignment.organization, Role.OWNER)
    approved(assignment, owner)
    sign_in(client, owner)
    renew = "/security/onboarding/renew/"
    assert client.post(renew).status_code == 409

    with time_machine.travel(assignment.valid_until + timedelta(days=3), tick=False):
        sign_in(client, owner)
        assert "Renew the answers" in client.get("/security/").content.decode()
        assert client.post(renew).status_code == 302
        assert client.post(renew).status_code == 409

    assert Assignment.objects.get(replaces=assignment).answers.count() == 12
