from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from partners.evidence import links
from partners.organizations.actions import approve_organization
from partners.organizations.models import Organization
from partners.questionnaires import content
from partners.questionnaires.content import BrokenContent, Question, WrongAnswer
from partners.questionnaires.events import QuestionnaireEvent
from partners.questionnaires.models import (
    Answer,
    Assignment,
    Submission,
    Template,
    TemplateVersion,
)
from partners.questionnaires.scoring import score
from partners.questionnaires.visibility import Value
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, Malformed, NotFound, Refused
from portal.events.log import Fact, record


class NotOpen(Conflict):
    code = "not_open"


class AnswerChanged(Conflict):
    """Somebody else answered since the page was shown; `answer` is theirs."""

    code = "answer_changed"

    def __init__(self, question: Question, answer: Answer) -> None:
        super().__init__(
            f"{answer.updated_by} changed this answer to “{question.in_words(answer.value)}” at"
            f" {answer.updated_at:%H:%M} UTC. Yours is not saved yet."
        )
        self.answer = answer


class Hidden(Refused):
    code = "question_hidden"


class Incomplete(Refused):
    code = "incomplete"


@dataclass(frozen=True, slots=True)
class Given:
    key: str
    value: Sequence[str]
    revision: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which answers of a page were kept, and why the others were not."""

    saved: list[str] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)


@transaction.atomic
def publish_template(document: Mapping[str, Any], *, by: Actor) -> TemplateVersion:
    """Make a questionnaire's next version; a document that is known changes nothing."""
    require(by, Permission.PUBLISH_QUESTIONNAIRE)
    try:
        read = content.read(document)
    except BrokenContent as error:
        raise Malformed(f"This is no questionnaire. {error}", code="broken_content") from error
    template, _ = Template.objects.get_or_create(
        code=str(document.get("code", "")), defaults={"title": read.title}
    )
    Template.objects.select_for_update().get(pk=template.pk)
    sha256 = _digest(document)
    known = template.versions.filter(sha256=sha256).first()
    if known is not None:
        return known
    version = TemplateVersion.objects.create(
        template=template,
        number=template.versions.count() + 1,
        document=dict(document),
        sha256=sha256,
    )
    record(QuestionnaireEvent.PUBLISHED, version, by=by, code=template.code, number=version.number)
    return version


@transaction.atomic
def assign_questionnaire(
    organization: Organization, *, by: Actor, version: TemplateVersion
) -> Assignment:
    """Ask an organization to answer; asking again for the same questionnaire changes nothing."""
    require(by, Permission.ASSIGN_QUESTIONNAIRE)
    Organization.objects.select_for_update().get(pk=organization.pk)
    known = Assignment.objects.filter(
        organization=organization, version__template=version.template
    ).first()
    if known is not None:
        return known
    assignment = Assignment.objects.create(organization=organization, version=version)
    _record(QuestionnaireEvent.ASSIGNED, assignment, by=by)
    return assignment


@transaction.atomic
def answer_question(
    assignment: Assignment,
    *,
    by: Actor,
    key: str,
    value: Value | Sequence[str] | None,
    revision: int,
) -> Answer | None:
    """Keep one answer if nobody gave another since `revision`; 0 says that there was none."""
    require(by, Permission.ANSWER_QUESTIONNAIRE, organization_id=assignment.organization_id)
    assignment = _locked(assignment)
    if not assignment.is_answerable:
        raise NotOpen("These answers were sent and wait for a decision.")
    question = assignment.version.content.by_key.get(key)
    if question is None:
        raise NotFound("There is no such question.")
    if key not in assignment.version.content.visible(assignment.values()):
        raise Hidden("This question is not asked, given the other answers.")
    try:
        cleaned = question.clean(_texts(value))
    except WrongAnswer as error:
        raise Malformed(str(error), code="wrong_answer", errors={key: [str(error)]}) from error
    answer = assignment.answers.select_related("updated_by").filter(key=key).first()
    if cleaned == (answer.value if answer else None):
        return answer
    if revision != (answer.revision if answer else 0):
        # A revision that never was is a broken client, not a colleague.
        if answer is None:
            raise Conflict("This answer was removed.", code="answer_changed")
        raise AnswerChanged(question, answer)
    if answer is None:
        answer = Answer(assignment=assignment, key=key, revision=0)
    answer.value = cleaned
    answer.revision += 1
    answer.updated_by = User.objects.get(pk=by.person_id or 0)
    answer.updated_at = timezone.now()
    answer.save()
    _record(QuestionnaireEvent.ANSWERED, assignment, by=by, key=key, revision=answer.revision)
    return answer


@transaction.atomic
def answer_section(assignment: Assignment, *, by: Actor, answers: Sequence[Given]) -> Outcome:
    """Keep what can be kept of a page; one answer that cannot costs none of the others."""
    require(by, Permission.ANSWER_QUESTIONNAIRE, organization_id=assignment.organization_id)
    outcome = Outcome()
    for given in answers:
        try:
            answer_question(
                assignment, by=by, key=given.key, value=given.value, revision=given.revision
            )
        except Hidden:
            continue  # Another answer of this page has just hidden it.
        except (AnswerChanged, Malformed) as refusal:
            outcome.refused[given.key] = refusal
        else:
            outcome.saved.append(given.key)
    return outcome


@transaction.atomic
def submit_questionnaire(assignment: Assignment, *, by: Actor) -> Submission:
    """Send the answers to the reviewers, as they are now."""
    require(by, Permission.SUBMIT_QUESTIONNAIRE, organization_id=assignment.organization_id)
    assignment = _locked(assignment)
    if not assignment.is_answerable:
        raise NotOpen("These answers were sent already.")
    asked = assignment.version.content
    answers = assignment.values()
    visible = asked.visible(answers)
    if missing := [key for key in visible if asked.by_key[key].is_required and key not in answers]:
        raise Incomplete(
            f"{len(missing)} questions still need an answer."
            if len(missing) > 1
            else "One question still needs an answer.",
            errors={key: [f"{asked.by_key[key].number} needs an answer."] for key in missing},
        )
    links.require_ready(assignment, keys=visible)
    links.mark_sent(assignment, keys=visible, at=timezone.now())
    is_next_round = assignment.status == Assignment.Status.RETURNED
    assignment.move_to(
        Assignment.Status.SUBMITTED, round=assignment.round + is_next_round, decided_at=None
    )
    shown = {key: answers[key] for key in visible if key in answers}
    snapshot = {
        "template": assignment.version.template.code,
        "version": assignment.version.number,
        "organization": assignment.organization_id,
        "round": assignment.round,
        "answers": shown,
    }
    submission = Submission.objects.create(
        assignment=assignment,
        round=assignment.round,
        snapshot=snapshot,
        sha256=_digest(snapshot),
        score=score(asked, shown).as_json(),
        submitted_by=User.objects.get(pk=by.person_id or 0),
        submitted_at=timezone.now(),
    )
    _record(QuestionnaireEvent.SUBMITTED, assignment, by=by, submission_id=submission.pk)
    return submission


@transaction.atomic
def approve_submission(submission: Submission, *, by: Actor) -> None:
    """Accept the answers; an organization that waited for it may then go to production."""
    assignment = _decide(submission, Assignment.Status.APPROVED, by=by, reason="")
    _record(QuestionnaireEvent.APPROVED, assignment, by=by, submission_id=submission.pk)
    organization = Organization.objects.get(pk=assignment.organization_id)
    if organization.status == Organization.Status.REGISTERED:
        approve_organization(organization, by=by)


@transaction.atomic
def return_submission(submission: Submission, *, by: Actor, reason: str) -> None:
    """Give the answers back with what is missing; the next round starts from them."""
    assignment = _decide(submission, Assignment.Status.RETURNED, by=by, reason=reason)
    _record(QuestionnaireEvent.RETURNED, assignment, by=by, submission_id=submission.pk)


@transaction.atomic
def reject_submission(submission: Submission, *, by: Actor, reason: str) -> None:
    assignment = _decide(submission, Assignment.Status.REJECTED, by=by, reason=reason)
    _record(QuestionnaireEvent.REJECTED, assignment, by=by, submission_id=submission.pk)


def _decide(submission: Submission, status: str, *, by: Actor, reason: str) -> Assignment:
    require(by, Permission.REVIEW)
    assignment = _locked(submission.assignment)
    if assignment.round != submission.round:
        raise Conflict("The partner sent newer answers.", code="changed_since")
    assignment.move_to(status, decided_at=timezone.now(), reason=reason)
    return assignment


def _locked(assignment: Assignment) -> Assignment:
    return (
        Assignment.objects.select_for_update(of=("self",))
        .select_related("version__template", "organization")
        .get(pk=assignment.pk)
    )


def _texts(value: Value | Sequence[str] | None) -> list[str]:
    if value is None:
        return []
    return [str(value)] if isinstance(value, str | int) else [str(item) for item in value]


def _digest(document: object) -> str:
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _record(kind: QuestionnaireEvent, assignment: Assignment, *, by: Actor, **facts: Fact) -> None:
    about: dict[str, Any] = {
        "organization_id": assignment.organization_id,
        "round": assignment.round,
        **facts,
    }
    record(kind, assignment, by=by, **about)
