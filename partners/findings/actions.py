from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from partners.evidence.models import EvidenceFile
from partners.findings.events import FindingEvent
from partners.findings.models import DUE_AFTER, LONGEST_ACCEPTANCE, Finding, Severity
from partners.organizations.models import Organization
from partners.questionnaires.models import Assignment, Submission
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.log import record

Status, Source = Finding.Status, Finding.Source


class CriticalFinding(Conflict):
    """Answers are not approved over a critical finding that nobody put right or answers for."""

    code = "critical_finding"


@transaction.atomic
def open_finding(
    organization: Organization, *, by: Actor, title: str, severity: Severity
) -> Finding:
    require(by, Permission.REVIEW)
    _refuse_own(organization.pk, by=by)
    return _open(organization, by=by, source=Source.MANUAL, title=title, severity=severity)


@transaction.atomic
def find_in_answers(submission: Submission) -> int:
    """Open what the answers give away, and close what they no longer say; twice changes nothing."""
    assignment = Assignment.objects.select_for_update(of=("self",)).select_related(
        "organization"
    ).get(pk=submission.assignment_id)  # fmt: skip
    if assignment.round != submission.round:
        return 0  # Newer answers were sent, and speak for themselves.
    said = {one["key"]: one["why"] for one in submission.score["knockouts"]}
    known = Finding.objects.filter(assignment=assignment, source=Source.RULE)
    for finding in known.exclude(status=Status.CLOSED).exclude(key__in=said):
        _close(finding, by=SYSTEM, reason="The partner answers otherwise now.")
    there = set(known.exclude(status=Status.CLOSED).values_list("key", flat=True))
    for key, why in said.items():
        if key not in there:
            about = {"assignment": assignment, "key": key, "title": why}
            _open(
                assignment.organization,
                by=SYSTEM,
                source=Source.RULE,
                severity=Severity.CRITICAL,
                **about,
            )
    return len(said)


@transaction.atomic
def find_in_file(evidence: EvidenceFile, *, subject: str, key: str) -> Finding:
    """Open a finding about a file that was clean when reviewers were sent it."""
    known = Finding.objects.filter(evidence=evidence, source=Source.EVIDENCE).first()
    if known is not None:
        return known
    return _open(
        evidence.organization,
        by=SYSTEM,
        source=Source.EVIDENCE,
        severity=Severity.HIGH,
        title=f"{evidence.name} turned out to hold a virus: {evidence.found}.",
        assignment=Assignment.objects.filter(pk=subject.rpartition(":")[2]).first(),
        key=key,
        evidence=evidence,
    )


@transaction.atomic
def begin_remedy(finding: Finding, *, by: Actor) -> None:
    """Say that the partner works on it."""
    require(by, Permission.ANSWER_QUESTIONNAIRE, organization_id=finding.organization_id)
    finding.move_to(Status.REMEDIATING)
    _record(FindingEvent.REMEDIATING, finding, by=by)


@transaction.atomic
def accept_risk(finding: Finding, *, by: Actor, reason: str, until: datetime) -> None:
    """Answer for it until then, at most 90 days; after that it is as open as before."""
    require(by, Permission.ACCEPT_RISK)
    _refuse_own(finding.organization_id, by=by)
    now = timezone.now()
    if not now < until <= now + LONGEST_ACCEPTANCE:
        raise Refused("Choose a day within the next 90 days.", code="acceptance_too_long")
    finding.move_to(
        Status.ACCEPTED,
        accepted_by=User.objects.get(pk=by.person_id or 0),
        accepted_at=now,
        accepted_until=until,
        reason=reason,
    )
    _record(FindingEvent.ACCEPTED, finding, by=by, until=until.isoformat())


@transaction.atomic
def close_finding(finding: Finding, *, by: Actor, reason: str) -> None:
    """Say that it is put right, and how that is known."""
    require(by, Permission.REVIEW)
    _refuse_own(finding.organization_id, by=by)
    _close(finding, by=by, reason=reason)


def reopen_lapsed() -> int:
    """Write down that acceptances have ended; what is refused over them does not wait for it."""
    count = 0
    for finding in Finding.objects.lapsed(at=timezone.now()):
        try:
            _reopen(finding)
        except Conflict:
            continue  # Closed since the query.
        count += 1
    return count


def require_none_critical(submission: Submission) -> None:
    """Refuse while something critical about the partner is neither put right nor answered for."""
    find_in_answers(submission)
    open_ones = Finding.objects.unsettled(at=timezone.now()).filter(
        organization=submission.assignment.organization_id, severity=Severity.CRITICAL
    )
    if numbers := [str(one) for one in open_ones.order_by("pk")]:
        which = ", ".join(numbers)
        raise CriticalFinding(
            f"{which} is critical and open. The partner puts it right, or a security officer"
            " accepts the risk for at most 90 days."
        )


@transaction.atomic
def _reopen(finding: Finding) -> None:
    finding.move_to(Status.OPEN, accepted_until=None)
    _record(FindingEvent.LAPSED, finding, by=SYSTEM)


def _open(
    organization: Organization, *, by: Actor, source: str, severity: Severity, **about: Any
) -> Finding:
    now = timezone.now()
    finding = Finding.objects.create(
        organization=organization,
        source=source,
        severity=severity,
        opened_by_id=by.person_id,
        opened_at=now,
        due_at=now + DUE_AFTER[severity],
        **about,
    )
    _record(FindingEvent.OPENED, finding, by=by, source=source, severity=severity.value)
    return finding


def _close(finding: Finding, *, by: Actor, reason: str) -> None:
    now = timezone.now()
    finding.move_to(Status.CLOSED, closed_at=now, accepted_until=None, reason=reason)
    _record(FindingEvent.CLOSED, finding, by=by)


def _refuse_own(organization_id: int, *, by: Actor) -> None:
    if organization_id in by.memberships:
        raise NotAllowed(
            "You belong to the organization, so somebody else decides.", code="not_independent"
        )


def _record(kind: FindingEvent, finding: Finding, *, by: Actor, **facts: Any) -> None:
    record(
        kind,
        finding,
        by=by,
        organization_id=finding.organization_id,
        number=finding.number,
        **facts,
    )
