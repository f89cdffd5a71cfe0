"""Next year's answers: begun from this year's, in time, and open to whoever comes late."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from partners.questionnaires.assigning import lay_down
from partners.questionnaires.carrying import carried_answers, without_old_files
from partners.questionnaires.events import QuestionnaireEvent
from partners.questionnaires.models import RENEWED_BEFORE, Assignment
from partners.questionnaires.news import tell
from partners.renewals import caiq, library
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, allows, require
from portal.accounts.models import User
from portal.errors import Conflict


class NotDue(Conflict):
    code = "renewal_not_due"


def is_due(assignment: Assignment, *, at: datetime) -> bool:
    """Return whether the next answers may be begun: from 60 days before the end, without end."""
    until = assignment.valid_until
    is_in_force = assignment.status == Assignment.Status.APPROVED
    return is_in_force and until is not None and at >= until - RENEWED_BEFORE


@transaction.atomic
def start_renewal(assignment: Assignment, *, by: Actor) -> Assignment:
    """Open the renewal, filled with the answers of now; asking again returns the one there is."""
    if not allows(by, Permission.ASSIGN_QUESTIONNAIRE):
        require(by, Permission.SUBMIT_QUESTIONNAIRE, organization_id=assignment.organization_id)
    now = timezone.now()
    assignment = Assignment.objects.held(assignment.pk)
    known = Assignment.objects.filter(replaces=assignment).first()
    if known is not None:
        return known
    if not is_due(assignment, at=now):
        raise NotDue("These answers hold for longer. We ask again 60 days before they end.")
    version = assignment.version.template.newest or assignment.version
    renewal = Assignment.objects.create(
        organization=assignment.organization,
        version=version,
        occasion=Assignment.Occasion.RENEWAL,
        replaces=assignment,
    )
    day = (assignment.decided_at or now).strftime("%-d %B %Y")
    carried = carried_answers(
        version.content,
        assignment.answers.select_related("updated_by"),
        from_words=f"your answers of {day}",
    )
    lay_down(renewal, without_old_files(renewal, carried, at=now), by=by)
    tell(
        QuestionnaireEvent.RENEWED,
        renewal,
        by=by,
        code=version.template.code,
        until=assignment.valid_until.isoformat() if assignment.valid_until else None,
    )
    return renewal


def open_due_renewals() -> int:
    """Open what is due by now; a run that was missed is made up for by the next one."""
    until = timezone.now() + RENEWED_BEFORE
    due = Assignment.objects.ending_before(until).filter(renewal=None)
    opened = 0
    for assignment in due.select_related("organization").order_by("pk"):
        try:
            start_renewal(assignment, by=SYSTEM)
        except Conflict:
            continue  # Somebody renewed it, or it ended otherwise, since the query.
        opened += 1
    return opened


@transaction.atomic
def fill_from_library(assignment: Assignment, *, by: Actor) -> int:
    """Lay what was said elsewhere before the partner, where nothing is answered yet."""
    require(by, Permission.ANSWER_QUESTIONNAIRE, organization_id=assignment.organization_id)
    assignment = Assignment.objects.held(assignment.pk)
    if not assignment.is_answerable:
        raise Conflict("These answers were sent and wait for a decision.", code="not_open")
    here = set(assignment.answers.values_list("key", flat=True))
    known = library.kept_answers(assignment.organization, besides=assignment)
    found = [one for one in library.matching(assignment, known) if one.key not in here]
    fresh = without_old_files(assignment, found, at=timezone.now())
    lay_down(assignment, fresh, by=by)
    return len(fresh)


@transaction.atomic
def fill_from_caiq(
    assignment: Assignment, *, by: Actor, body: bytes
) -> tuple[int, tuple[str, ...]]:
    """Lay the answers of a completed CAIQ down; return how many, and the ids left over."""
    require(by, Permission.ANSWER_QUESTIONNAIRE, organization_id=assignment.organization_id)
    assignment = Assignment.objects.held(assignment.pk)
    if not assignment.is_answerable:
        raise Conflict("These answers were sent and wait for a decision.", code="not_open")
    reading = caiq.read(body, assignment, by=User.objects.get(pk=by.person_id or 0))
    here = set(assignment.answers.values_list("key", flat=True))
    carried = [one for one in reading.carried if one.key not in here]
    lay_down(assignment, carried, by=by)
    return len(carried), reading.unmapped
