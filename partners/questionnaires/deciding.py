from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from partners.organizations.actions import approve_organization, clear_organization
from partners.organizations.models import Organization
from partners.questionnaires.events import QuestionnaireEvent
from partners.questionnaires.exposure import Exposure
from partners.questionnaires.models import Assignment, Submission
from partners.questionnaires.news import tell
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.calendar import months_after
from portal.errors import Conflict

# However long a questionnaire says that its answers hold: who could do much harm is asked sooner.
LONGEST_MONTHS = {1: 24, 2: 12, 3: 12, 4: 6}


@transaction.atomic
def approve_submission(submission: Submission, *, by: Actor) -> None:
    """Accept the answers for a time; an organization that waited for it may go to production."""
    assignment = _decide(submission, Assignment.Status.APPROVED, by=by, reason="")
    months = min(
        assignment.version.content.valid_months,
        LONGEST_MONTHS[Exposure.from_json(submission.snapshot.get("exposure", {})).tier],
    )
    assignment.valid_until = months_after(timezone.now(), months)
    assignment.save(update_fields=["valid_until"])
    if assignment.replaces is not None:
        assignment.replaces.move_to(Assignment.Status.SUPERSEDED)
    tell(QuestionnaireEvent.APPROVED, assignment, by=by, submission_id=submission.pk)
    organization = Organization.objects.select_for_update().get(pk=assignment.organization_id)
    if organization.status == Organization.Status.REGISTERED:
        approve_organization(organization, by=by)
    ends = Assignment.objects.in_force().filter(organization=organization)
    until = ends.exclude(valid_until=None).order_by("valid_until").first()
    clear_organization(organization, by=by, until=until.valid_until if until else None)


@transaction.atomic
def return_submission(submission: Submission, *, by: Actor, reason: str) -> None:
    """Give the answers back with what is missing; the next round starts from them."""
    assignment = _decide(submission, Assignment.Status.RETURNED, by=by, reason=reason)
    tell(QuestionnaireEvent.RETURNED, assignment, by=by, submission_id=submission.pk)


@transaction.atomic
def reject_submission(submission: Submission, *, by: Actor, reason: str) -> None:
    assignment = _decide(submission, Assignment.Status.REJECTED, by=by, reason=reason)
    tell(QuestionnaireEvent.REJECTED, assignment, by=by, submission_id=submission.pk)


def _decide(submission: Submission, status: str, *, by: Actor, reason: str) -> Assignment:
    require(by, Permission.REVIEW)
    assignment = Assignment.objects.held(submission.assignment_id)
    if assignment.round != submission.round:
        raise Conflict("The partner sent newer answers.", code="changed_since")
    assignment.move_to(status, decided_at=timezone.now(), reason=reason)
    return assignment
