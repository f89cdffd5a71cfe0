"""Read how far an organization is, in a handful of queries."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from catalog.plans.models import Environment
from consent.gateway.decision import Reason
from consent.gateway.models import Usage
from partners.applications.models import Application
from partners.organizations.models import Organization
from partners.questionnaires.models import Assignment
from partners.subscriptions.models import AccessRequest, Subscription
from portal.home.journey import Facts, Production, Questions
from portal.home.standing import wanted_application

QUESTIONS = {
    Assignment.Status.OPEN: Questions.OPEN,
    Assignment.Status.RETURNED: Questions.RETURNED,
    Assignment.Status.SUBMITTED: Questions.SENT,
    Assignment.Status.APPROVED: Questions.SENT,
    Assignment.Status.REJECTED: Questions.REJECTED,
}


def facts_of(organization: Organization, applications: Sequence[Application]) -> Facts:
    """Return the facts of the organization; the steps speak of its first own application."""
    first = wanted_application(organization) if applications else None
    called = _environments_called(organization)
    questions, answered_count, question_count = _questionnaire(organization)
    return Facts(
        joined_at=organization.joined_at,
        approved_at=organization.approved_at,
        application_slug=first.slug if first else "",
        application_name=first.name if first else "",
        registered_at=first.registered_at if first else None,
        has_called_sandbox=bool(called),
        questions=questions,
        answered_count=answered_count,
        question_count=question_count,
        production=_production(organization),
        has_called_production=Environment.PRODUCTION in called,
    )


def _environments_called(organization: Organization) -> frozenset[str]:
    allowed = Usage.objects.of_organization(organization.pk).filter(reason=Reason.ALLOWED)
    return frozenset(allowed.values_list("client__environment", flat=True).distinct())


def _questionnaire(organization: Organization) -> tuple[Questions, int, int]:
    """Return where the first questionnaire is, and how many of the asked questions are answered."""
    asked = Assignment.objects.of(organization).exclude(status=Assignment.Status.SUPERSEDED)
    assignment = asked.order_by("pk").first()
    if assignment is None:
        return Questions.NONE, 0, 0
    values = assignment.values()
    visible = assignment.version.content.visible(values)
    answered = sum(key in values for key in visible)
    return QUESTIONS[Assignment.Status(assignment.status)], answered, len(visible)


def _production(organization: Organization) -> Production:
    subscriptions = Subscription.objects.active(at=timezone.now())
    if subscriptions.filter(client__application__organization=organization).exists():
        return Production.OPEN
    asked = AccessRequest.objects.filter(
        client__application__organization=organization, status=AccessRequest.Status.IN_REVIEW
    )
    return Production.ASKED if asked.exists() else Production.NONE
