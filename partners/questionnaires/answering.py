"""Give answers: one by one behind the page, or a section at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from partners.questionnaires import evidence
from partners.questionnaires.cleaning import texts_of
from partners.questionnaires.content import Question
from partners.questionnaires.events import QuestionnaireEvent
from partners.questionnaires.models import Answer, AnswerRevision, Assignment
from partners.questionnaires.news import tell
from partners.questionnaires.values import Kind, Value, WrongAnswer
from portal.access.actors import Actor
from portal.access.permissions import Permission, allows, require
from portal.accounts.models import User
from portal.errors import Conflict, Malformed, NotAllowed, NotFound, Refused

MAX_REASON = 500


class NotOpen(Conflict):
    code = "not_open"


class AnswerChanged(Conflict):
    """Somebody else answered since the page was shown; `answer` is theirs."""

    code = "answer_changed"

    def __init__(self, question: Question, answer: Answer) -> None:
        words = "Does not apply" if answer.na_reason else question.in_words(answer.value)
        super().__init__(
            f"{answer.updated_by} changed this answer to “{words}” at"
            f" {answer.updated_at:%H:%M} UTC. Yours is not saved yet."
        )
        self.answer = answer


class Hidden(Refused):
    code = "question_hidden"


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says: texts as a form sends them, or why the question does not apply.

    `revision` is the one that they saw, 0 where there was none. `request_key` names the request,
    so that it can be sent again. `is_confirmed` says that what was carried over is true today.
    """

    key: str
    value: Sequence[str]
    revision: int
    na_reason: str | None = None
    request_key: str = ""
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """Which answers of a page were kept, and why the others were not."""

    saved: list[str] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)


def may_answer(assignment: Assignment, section: str, *, by: Actor) -> bool:
    """Return whether a person may answer there: by their role, or because it was given to them."""
    organization_id = assignment.organization_id
    if allows(by, Permission.ANSWER_QUESTIONNAIRE, organization_id=organization_id):
        return True
    return (
        organization_id in by.memberships
        and assignment.delegations.filter(section=section, to=by.person_id or 0).exists()
    )


def require_answering(assignment: Assignment, key: str, *, by: Actor) -> None:
    section = assignment.version.content.section_of(key)
    if not may_answer(assignment, section.code if section else "", by=by):
        require(by, Permission.ANSWER_QUESTIONNAIRE, organization_id=assignment.organization_id)


def answer_question(
    assignment: Assignment,
    *,
    by: Actor,
    key: str,
    value: Value | Sequence[str] | None,
    revision: int,
    na_reason: str | None = None,
    request_key: str = "",
    is_confirmed: bool = True,
) -> Answer | None:
    """Keep one answer if nobody gave another since `revision`; 0 says that there was none.

    The same request again, by its `request_key`, is told what it did the first time.
    """
    given = Given(key, texts_of(value), revision, na_reason, request_key, is_confirmed)
    try:
        return _answer(assignment, given, by=by)
    except (Hidden, Malformed, NotAllowed, NotFound) as refusal:
        with transaction.atomic():
            tell(QuestionnaireEvent.REFUSED, assignment, by=by, code=refusal.code)
        raise


@transaction.atomic
def answer_section(assignment: Assignment, *, by: Actor, answers: Sequence[Given]) -> Outcome:
    """Keep what can be kept of a page; one answer that cannot costs none of the others."""
    outcome = Outcome()
    for given in answers:
        try:
            _answer(assignment, given, by=by)
        except Hidden:
            continue  # Another answer of this page has just hidden it.
        except (AnswerChanged, Malformed) as refusal:
            outcome.refused[given.key] = refusal
        else:
            outcome.saved.append(given.key)
    return outcome


@transaction.atomic
def _answer(assignment: Assignment, given: Given, *, by: Actor) -> Answer | None:
    assignment = Assignment.objects.held(assignment.pk)
    question = _question(assignment, given.key, by=by)
    answer = assignment.answers.select_related("updated_by").filter(key=given.key).first()
    if (first := _first_result(assignment, given)) is not None:
        return first
    if given.key not in assignment.version.content.visible(assignment.values()):
        raise Hidden("This question is not asked, given the other answers.")
    value, reason = _cleaned(assignment, question, given)
    is_same = (value, reason) == ((answer.value, answer.na_reason) if answer else (None, ""))
    if is_same and (answer is None or answer.is_confirmed or not given.is_confirmed):
        return answer
    _refuse_overtaken(question, answer, given)
    answer = answer or Answer(assignment=assignment, key=given.key, revision=0)
    if not is_same:
        answer.origin, answer.carried_from = Answer.Origin.MANUAL, ""
    answer.value, answer.na_reason, answer.is_confirmed = value, reason, True
    if question.kind == Kind.FILES:
        names = [str(name) for name in value] if isinstance(value, list) else []
        evidence.show_for(assignment, by=by, key=question.key, references=names)
    keep(answer, User.objects.get(pk=by.person_id or 0), request_key=given.request_key)
    tell(QuestionnaireEvent.ANSWERED, assignment, by=by, key=given.key, revision=answer.revision)
    return answer


def _question(assignment: Assignment, key: str, *, by: Actor) -> Question:
    """Return the question, if this person may answer it and it may be answered now."""
    require_answering(assignment, key, by=by)
    if not assignment.is_answerable:
        raise NotOpen("These answers were sent and wait for a decision.")
    question = assignment.version.content.by_key.get(key)
    if question is None:
        raise NotFound("There is no such question.")
    return question


def _refuse_overtaken(question: Question, answer: Answer | None, given: Given) -> None:
    if given.revision == (answer.revision if answer else 0):
        return
    # A revision that never was is a broken client, not a colleague.
    if answer is None:
        raise Conflict("This answer was removed.", code="answer_changed")
    raise AnswerChanged(question, answer)


def keep(answer: Answer, person: User, *, request_key: str = "") -> None:
    """Write an answer as its next revision, and that revision for good."""
    answer.revision += 1
    answer.updated_by = person
    answer.updated_at = timezone.now()
    answer.save()
    AnswerRevision.objects.create(
        assignment_id=answer.assignment_id,
        key=answer.key,
        value=answer.value,
        na_reason=answer.na_reason,
        revision=answer.revision,
        given_by=answer.updated_by,
        given_at=answer.updated_at,
        request_key=request_key,
    )


def _first_result(assignment: Assignment, given: Given) -> Answer | None:
    """Return what this very request did before, as it was then."""
    if not given.request_key:
        return None
    done = assignment.revisions.filter(request_key=given.request_key)
    first = done.select_related("given_by").first()
    if first is None:
        return None
    if first.key != given.key:
        raise Malformed("This Idempotency-Key belongs to another answer.", code="key_reused")
    return Answer(
        assignment=assignment,
        key=first.key,
        value=first.value,
        na_reason=first.na_reason,
        revision=first.revision,
        updated_by=first.given_by,
        updated_at=first.given_at,
    )


def _cleaned(assignment: Assignment, question: Question, given: Given) -> tuple[Value | None, str]:
    """Return the value, or none and the reason why the question does not apply."""
    try:
        if given.na_reason is not None:
            return None, _reason(question, given.na_reason.strip())
        value = question.clean(given.value)
        if question.kind == Kind.FILES and isinstance(value, list):
            evidence.require_known(assignment.organization_id, [str(name) for name in value])
    except WrongAnswer as error:
        message = str(error)
        raise Malformed(message, code="wrong_answer", errors={question.key: [message]}) from error
    return value, ""


def _reason(question: Question, text: str) -> str:
    if not question.is_na_allowed:
        raise WrongAnswer("This question applies to everybody. Give an answer.")
    if not text:
        raise WrongAnswer("Say in a sentence why this does not apply to you.")
    if len(text) > MAX_REASON or "\x00" in text:
        raise WrongAnswer(f"Use at most {MAX_REASON} plain characters to say why.")
    return text
