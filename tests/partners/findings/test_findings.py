from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from partners.evidence import links, scanning
from partners.evidence.models import EvidenceFile
from partners.findings import actions
from partners.findings.models import Finding, Severity
from partners.questionnaires.sending import submit_questionnaire
from partners.reviews.actions import cast_vote, open_review
from partners.reviews.models import Review, Verdict
from portal.access.actors import SYSTEM, Role
from portal.demo.clamd import know, start_clamd
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.log import deliver_due
from portal.notifications.models import Message
from tests.factories.evidence import PDF, scanned
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff
from tests.factories.questionnaires import answered, assigned, submitted
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
Status = Finding.Status
IN_A_WEEK = timedelta(days=7)


@pytest.fixture
def officer():
    return staff(Role.SECURITY)


def knocked_out():
    """Send answers that give away something critical: no second factor for administrators."""
    return submitted(admin_mfa="no")


def approve(review, *, by):
    return cast_vote(review, by=by, verdict=Verdict.APPROVE, reason="Read.", digest=review.digest)


def test_an_answer_that_gives_it_away_opens_a_finding_and_tells_the_partner():
    submission = knocked_out()

    deliver_due()
    deliver_due()

    finding = Finding.objects.get()
    assert (finding.source, finding.severity, finding.key) == ("rule", "critical", "admin-mfa")
    assert finding.due_at == finding.opened_at + IN_A_WEEK
    assert actions.find_in_answers(submission) == 1
    assert Finding.objects.count() == 1
    assert Message.objects.filter(kind="findings/opened").exists()


def test_no_answers_are_approved_over_an_open_critical_finding(officer):
    """Neither before the job has run: the vote itself looks into the answers."""
    submission = knocked_out()
    review = open_review(submission, by=SYSTEM)
    approve(review, by=staff(Role.REVIEWER))

    with pytest.raises(actions.CriticalFinding):
        approve(review, by=officer)
    review.refresh_from_db()
    assert review.status == Review.Status.OPEN

    actions.find_in_answers(submission)
    finding = Finding.objects.get()
    actions.accept_risk(finding, by=officer, reason="Until May.", until=timezone.now() + IN_A_WEEK)
    approve(review, by=officer)
    review.refresh_from_db()
    assert review.status == Review.Status.APPROVED


def test_an_acceptance_lasts_ninety_days_and_ends_by_its_clock(officer):
    finding = actions.open_finding(
        OrganizationFactory(), by=officer, title="Old library", severity=Severity.CRITICAL
    )
    now = timezone.now()
    for until in (now + timedelta(days=91), now):
        with pytest.raises(Refused) as refused:
            actions.accept_risk(finding, by=officer, reason="So be it.", until=until)
        assert refused.value.code == "acceptance_too_long"
    with pytest.raises(NotAllowed):
        actions.accept_risk(
            finding, by=staff(Role.REVIEWER), reason="So be it.", until=now + IN_A_WEEK
        )

    actions.accept_risk(finding, by=officer, reason="So be it.", until=now + IN_A_WEEK)

    assert not Finding.objects.unsettled(at=now + IN_A_WEEK - timedelta(seconds=1)).exists()
    assert Finding.objects.unsettled(at=now + IN_A_WEEK).exists()
    with time_machine.travel(now + IN_A_WEEK, tick=False):
        assert (actions.reopen_lapsed(), actions.reopen_lapsed()) == (1, 0)
    finding.refresh_from_db()
    assert (finding.status, finding.accepted_until) == (Status.OPEN, None)


def test_an_answer_that_no_longer_says_so_closes_its_finding():
    submission = knocked_out()
    actions.find_in_answers(submission)
    assignment = submission.assignment
    type(assignment).objects.filter(pk=assignment.pk).update(
        status="returned", decided_at=timezone.now()
    )
    assignment.refresh_from_db()
    owner = member(assignment.organization, Role.OWNER)
    answered(assignment, by=owner)

    again = submit_questionnaire(assignment, by=owner)

    assert actions.find_in_answers(again) == 0
    assert actions.find_in_answers(submission) == 0
    assert Finding.objects.get().status == Status.CLOSED


def test_nobody_judges_the_own_organization(officer):
    organization = OrganizationFactory()
    finding = actions.open_finding(
        organization, by=officer, title="Old library", severity=Severity.HIGH
    )
    owner = member(organization, Role.OWNER)
    both = type(owner)(
        id=owner.id,
        name=owner.name,
        roles=frozenset({Role.SECURITY}),
        memberships=owner.memberships,
        person_id=owner.person_id,
    )

    for act in (
        lambda by: actions.close_finding(finding, by=by, reason="Done."),
        lambda by: actions.accept_risk(
            finding, by=by, reason="Fine.", until=timezone.now() + IN_A_WEEK
        ),
        lambda by: actions.open_finding(organization, by=by, title="x", severity=Severity.LOW),
    ):
        for nobody in (owner, both):
            with pytest.raises(NotAllowed):
                act(nobody)


def test_s4_a_file_found_infected_later_reopens_what_was_approved_as_a_finding(
    scanner, settings, tmp_path, officer
):
    assignment = answered(assigned())
    owner = member(assignment.organization, Role.OWNER)
    body = PDF + b"a worm of the day after"
    evidence = scanned(assignment.organization, by=owner, body=body)
    links.attach_file(
        evidence,
        by=owner,
        about=assignment,
        organization_id=assignment.organization_id,
        key="transport",
    )
    approve(open_review(submit_questionnaire(assignment, by=owner), by=SYSTEM), by=officer)
    (tmp_path / "clamd").mkdir()
    know(tmp_path / "clamd", "Test.DayAfter", b"a worm of the day after".hex())
    later = start_clamd({}, home=tmp_path, sockets=tmp_path)
    settings.CLAMD_URL = f"unix://{tmp_path / 'clamd.sock'}"
    EvidenceFile.objects.update(scanned_at=timezone.now() - timedelta(days=2))

    scanning.scan_due()
    later.stop()
    deliver_due()

    finding = Finding.objects.get(source=Finding.Source.EVIDENCE)
    assert (finding.assignment, finding.key) == (assignment, "transport")
    assert "Test.DayAfter" in finding.title
    assert finding.status == Status.OPEN


def test_the_pages_of_both_sides(client, officer):
    submission = knocked_out()
    actions.find_in_answers(submission)
    finding = Finding.objects.get()
    organization = submission.assignment.organization

    sign_in(client, member(organization, Role.OWNER))
    assert finding.title in client.get(reverse("findings:findings")).content.decode()
    client.post(finding.get_absolute_url())
    finding.refresh_from_db()
    assert finding.status == Status.REMEDIATING
    sign_in(client, member(OrganizationFactory(), Role.OWNER))
    assert client.get(finding.get_absolute_url()).status_code == 404

    sign_in(client, officer)
    place = reverse("findings:judged", args=[finding.pk])
    assert finding.title in client.get(reverse("findings:desk")).content.decode()
    far = (timezone.now() + timedelta(days=99)).date().isoformat()
    refused = client.post(f"{place}acceptance/", {"why": "Fine.", "until": far})
    assert refused.status_code == 422
    assert "within the next 90 days" in refused.content.decode()
    near = (timezone.now() + timedelta(days=9)).date().isoformat()
    client.post(f"{place}acceptance/", {"why": "Fine.", "until": near})
    assert "Accepted for a time" in client.get(place).content.decode()
    client.post(f"{place}closing/", {"reason": "Seen in a call."})
    finding.refresh_from_db()
    assert finding.status == Status.CLOSED
    with pytest.raises(Conflict):
        actions.close_finding(finding, by=officer, reason="Again.")
    answer = client.post(
        reverse("findings:desk"),
        {"organization": organization.pk, "title": "No test", "severity": "low"},
    )
    assert answer.status_code == 302
