from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from partners.organizations.models import Membership, Organization
from partners.questionnaires.answering import NotOpen, keep
from partners.questionnaires.carrying import Carried, carried_answers
from partners.questionnaires.events import QuestionnaireEvent
from partners.questionnaires.models import Answer, Assignment, Delegation, TemplateVersion
from partners.questionnaires.news import tell
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import NotFound


@transaction.atomic
def assign_questionnaire(
    organization: Organization,
    *,
    by: Actor,
    version: TemplateVersion,
    occasion: Assignment.Occasion = Assignment.Occasion.ONBOARDING,
) -> Assignment:
    """Ask an organization to answer; asking again for the same questionnaire changes nothing."""
    require(by, Permission.ASSIGN_QUESTIONNAIRE)
    Organization.objects.select_for_update().get(pk=organization.pk)
    known = Assignment.objects.filter(
        organization=organization, version__template=version.template
    ).exclude(status=Assignment.Status.SUPERSEDED)
    if (found := known.order_by("-pk").first()) is not None:
        return found
    assignment = Assignment.objects.create(
        organization=organization, version=version, occasion=occasion
    )
    tell(QuestionnaireEvent.ASSIGNED, assignment, by=by, occasion=occasion.value)
    return assignment


@transaction.atomic
def delegate_section(assignment: Assignment, *, by: Actor, section: str, to: User | None) -> None:
    """Give a section to a colleague, or take it back with nobody; everybody else may still help."""
    require(by, Permission.SUBMIT_QUESTIONNAIRE, organization_id=assignment.organization_id)
    assignment = Assignment.objects.held(assignment.pk)
    if not assignment.is_answerable:
        raise NotOpen("These answers were sent and wait for a decision.")
    if section not in {one.code for one in assignment.version.content.sections}:
        raise NotFound("There is no such section.")
    members = Membership.objects.filter(organization_id=assignment.organization_id)
    if to is not None and not members.filter(user=to).exists():
        raise NotFound("There is no such colleague.")
    assignment.delegations.filter(section=section).delete()
    if to is not None:
        Delegation.objects.create(assignment=assignment, section=section, to=to)
    tell(
        QuestionnaireEvent.DELEGATED,
        assignment,
        by=by,
        section=section,
        person_id=to.pk if to else None,
    )


@transaction.atomic
def take_version(assignment: Assignment, *, by: Actor, version: TemplateVersion) -> Assignment:
    """Go on with a later version: answers that mean the same come along and wait for a yes."""
    require(by, Permission.ANSWER_QUESTIONNAIRE, organization_id=assignment.organization_id)
    assignment = Assignment.objects.held(assignment.pk)
    if not assignment.is_answerable:
        raise NotOpen("These answers were sent and wait for a decision.")
    before = assignment.version
    if version.template_id != before.template_id or version.number <= before.number:
        raise NotFound("There is no such newer version.")
    answers = list(assignment.answers.all())
    carried = carried_answers(version.content, answers, from_words=f"version {before.semver}")
    assignment.version = version
    assignment.save(update_fields=["version"])
    lay_down(assignment, carried, by=by)
    tell(
        QuestionnaireEvent.VERSION_TAKEN,
        assignment,
        by=by,
        before=before.semver,
        after=version.semver,
        carried_count=len(carried),
    )
    return assignment


def lay_down(assignment: Assignment, carried: Sequence[Carried], *, by: Actor) -> None:
    """Put answers from elsewhere before the partner: each has to be said yes to before it counts.

    What was answered here and means the same stays, and asks to be confirmed as well.
    """
    here = {answer.key: answer for answer in assignment.answers.all()}
    person = User.objects.filter(pk=by.person_id or 0).first()
    for one in carried:
        answer = here.get(one.key)
        if answer is None:
            answer = Answer(assignment=assignment, key=one.key, revision=0)
        answer.value, answer.na_reason = one.value, one.na_reason
        answer.origin, answer.carried_from = one.origin, one.from_words
        answer.is_confirmed = False
        keep(answer, person or one.given_by)
