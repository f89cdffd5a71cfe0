"""Send a round of answers: what must be there, what is kept of it, and who stands for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from partners.evidence import links
from partners.questionnaires import evidence, scoring
from partners.questionnaires.answering import NotOpen
from partners.questionnaires.digest import digest_of
from partners.questionnaires.events import QuestionnaireEvent
from partners.questionnaires.exposure import Exposure
from partners.questionnaires.models import Answer, Assignment, Score, Submission
from partners.questionnaires.news import tell
from partners.questionnaires.reach import exposure_of
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Refused

STATEMENT = "I answer for this organisation, and these answers are true today."


class Incomplete(Refused):
    code = "incomplete"


@transaction.atomic
def submit_questionnaire(assignment: Assignment, *, by: Actor) -> Submission:
    """Send the answers to the reviewers, as they are now, and stand for them."""
    require(by, Permission.SUBMIT_QUESTIONNAIRE, organization_id=assignment.organization_id)
    now = timezone.now()
    assignment = Assignment.objects.held(assignment.pk)
    if not assignment.is_answerable:
        raise NotOpen("These answers were sent already.")
    asked = assignment.version.content
    answers = {answer.key: answer for answer in assignment.answers.all()}
    values = {key: answer.value for key, answer in answers.items() if answer.value is not None}
    visible = asked.visible(values)
    if missing := what_is_missing(assignment, answers):
        count = len(missing)
        raise Incomplete(
            f"{count} questions still need you." if count > 1 else "One question still needs you.",
            errors={key: [why] for key, why in missing.items()},
        )
    links.require_ready(assignment, keys=visible)
    links.mark_sent(assignment, keys=visible, at=now)
    is_next_round = assignment.status == Assignment.Status.RETURNED
    assignment.move_to(
        Assignment.Status.SUBMITTED, round=assignment.round + is_next_round, decided_at=None
    )
    exposure = exposure_of(
        assignment.organization, asked, {k: values[k] for k in visible if k in values}
    )
    snapshot = _snapshot(assignment, visible, answers, exposure)
    submission = Submission.objects.create(
        assignment=assignment,
        round=assignment.round,
        snapshot=snapshot,
        sha256=digest_of(snapshot),
        statement_sha256=digest_of(snapshot["statement"]),
        submitted_by=User.objects.get(pk=by.person_id or 0),
        submitted_at=now,
    )
    score_submission(submission)
    tell(QuestionnaireEvent.SUBMITTED, assignment, by=by, submission_id=submission.pk)
    return submission


def what_is_missing(assignment: Assignment, answers: Mapping[str, Answer]) -> dict[str, str]:
    """Return why answers cannot be sent, by key: not given, or carried over and not confirmed."""
    asked = assignment.version.content
    values = {key: answer.value for key, answer in answers.items() if answer.value is not None}
    missing: dict[str, str] = {}
    for key in asked.visible(values):
        question, answer = asked.by_key[key], answers.get(key)
        if answer is None or (answer.value is None and not answer.na_reason):
            if question.is_required:
                missing[key] = f"{question.number} needs an answer."
        elif not answer.is_confirmed:
            missing[key] = f"{question.number} was carried over. Is it still true?"
    return missing


def score_submission(submission: Submission) -> Score:
    """Work out what was sent with the engine of today; what older engines said stays."""
    known = submission.scores.filter(engine=scoring.ENGINE).first()
    if known is not None:
        return known
    snapshot = submission.snapshot
    result = scoring.score(
        submission.assignment.version.content,
        snapshot["answers"],
        not_applicable=snapshot.get("not_applicable", {}),
        exposure=Exposure.from_json(snapshot.get("exposure", {})),
    )
    return Score.objects.create(
        submission=submission, engine=scoring.ENGINE, result=result.as_json()
    )


def _snapshot(
    assignment: Assignment,
    visible: list[str],
    answers: Mapping[str, Answer],
    exposure: Exposure,
) -> dict[str, Any]:
    """Return what is asked and was answered; what is hidden stays in the history of answers."""
    shown = [answers[key] for key in visible if key in answers]
    return {
        "template": assignment.version.template.code,
        "version": assignment.version.number,
        "semver": assignment.version.semver,
        "template_sha256": assignment.version.sha256,
        "organization": assignment.organization_id,
        "round": assignment.round,
        "statement": STATEMENT,
        "exposure": exposure.as_json(),
        "answers": {answer.key: answer.value for answer in shown if answer.value is not None},
        "files": evidence.as_sent(assignment, keys=visible),
        "not_applicable": {answer.key: answer.na_reason for answer in shown if answer.na_reason},
    }
