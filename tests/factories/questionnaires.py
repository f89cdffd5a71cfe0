from __future__ import annotations

from typing import Any

from partners.organizations.models import Organization
from partners.questionnaires import answering, assigning, library, publishing, sending
from partners.questionnaires.answering import Given
from partners.questionnaires.models import Assignment, Submission
from portal.access.actors import SYSTEM, Actor, Role
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member

# The answers of a partner with everything in order.
GOOD: dict[str, Any] = {
    "security-owner": "Head of engineering",
    "admin-mfa": "phishing-resistant",
    "secret-storage": "vault",
    "transport": "all",
    "token-storage": "encrypted",
    "deletion": "day",
    "retention-days": "30",
    "logging": ["tokens", "names", "health"],
    "breach-contact": "security@partner.example",
    "breach-notice": "day",
    "vulnerabilities": ["updates", "review", "test"],
    "suppliers": "none",
}


def document_of(*questions: dict[str, Any], version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    """Return a questionnaire of one section that asks these; a key alone is a line of text."""
    asked = [{"kind": "text", "text": f"What about {one['key']}?"} | one for one in questions]
    return {
        "code": "small",
        "version": version,
        "title": "A small questionnaire",
        "sections": [{"code": "all", "title": "Everything", "questions": asked}],
    } | more


def choice_of(key: str, *options: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a question with these choices, each a key or a whole choice."""
    choices = [
        {"key": one, "label": one.title()} if isinstance(one, str) else one for one in options
    ]
    return {"key": key, "kind": "choice", "choices": choices} | more


def asked_for(document: dict[str, Any], organization: Organization | None = None) -> Assignment:
    """Publish a questionnaire and give it to an organization."""
    return assigning.assign_questionnaire(
        organization or OrganizationFactory(),
        by=SYSTEM,
        version=publishing.publish_template(document, by=SYSTEM),
    )


def say(assignment: Assignment, by: Actor, **answers: Any) -> None:
    """Give these answers over whatever stands there (underscores for hyphens)."""
    for name, value in answers.items():
        key = name.replace("_", "-")
        known = assignment.answers.filter(key=key).first()
        revision = known.revision if known else 0
        answering.answer_question(assignment, by=by, key=key, value=value, revision=revision)


def assigned(organization: Organization | None = None) -> Assignment:
    """Give an organization the onboarding questionnaire."""
    return asked_for(library.document(library.ONBOARDING), organization)


def answered(assignment: Assignment | None = None, *, by: Actor | None = None, **other: Any):
    """Answer everything well, except what `other` says (underscores for hyphens)."""
    assignment = assignment or assigned()
    by = by or member(assignment.organization, Role.OWNER)
    wanted = GOOD | {key.replace("_", "-"): value for key, value in other.items()}
    revisions = dict(assignment.answers.values_list("key", "revision"))
    order = list(assignment.version.content.by_key)
    outcome = answering.answer_section(
        assignment,
        by=by,
        answers=[
            Given(key, [value] if isinstance(value, str) else value, revisions.get(key, 0))
            for key, value in sorted(wanted.items(), key=lambda item: order.index(item[0]))
        ],
    )
    assert not outcome.refused, outcome.refused
    return assignment


def submitted(
    organization: Organization | None = None, *, by: Actor | None = None, **other: Any
) -> Submission:
    assignment = assigned(organization)
    by = by or member(assignment.organization, Role.OWNER)
    answered(assignment, by=by, **other)
    return sending.submit_questionnaire(assignment, by=by)
