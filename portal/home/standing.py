"""Read where an organization stands on the way to production, in a handful of queries."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from consent.gateway.decision import Reason
from consent.gateway.models import Usage
from partners.agreements.standing import standings
from partners.applications.models import Application
from partners.joining.models import Start
from partners.organizations.models import Organization
from partners.questionnaires.models import Assignment
from partners.reviews.models import Review
from partners.subscriptions.models import AccessRequest, Subscription
from portal.home.boxes import Decided, Facts, Found

_ANSWERS = {
    Assignment.Status.OPEN: Found.OPEN,
    Assignment.Status.RETURNED: Found.RETURNED,
    Assignment.Status.SUBMITTED: Found.SENT,
    Assignment.Status.APPROVED: Found.APPROVED,
    Assignment.Status.REJECTED: Found.REFUSED,
}
_ACCESS = {
    AccessRequest.Status.IN_REVIEW: Found.SENT,
    AccessRequest.Status.REJECTED: Found.REFUSED,
    AccessRequest.Status.APPROVED: Found.APPROVED,
    AccessRequest.Status.WITHDRAWN: Found.NONE,
}


def standing_of(organization: Organization) -> Facts:
    application = wanted_application(organization)
    return Facts(
        joined_at=organization.joined_at,
        introduced_at=organization.introduced_at,
        has_domain=organization.domains.proven().exists(),
        application=application.slug if application else "",
        agreements=_agreements(organization),
        answers=_answers(organization),
        answered_at=_answered_at(organization),
        access=_access(organization, application),
    )


def wanted_application(organization: Organization) -> Application | None:
    """Return the application that production is wanted for: the first that was not made for them.

    The one that came with the sandbox counts while there is no other.
    """
    started = Start.objects.filter(organization=organization).values("client__application")
    own = organization.applications.exclude(status=Application.Status.CLOSED).order_by("pk")
    return own.exclude(pk__in=started).first() or own.first()


def _agreements(organization: Organization) -> Decided:
    found = standings(organization, at=timezone.now())
    owed = [one.owed_from for one in found if one.owed_from is not None]
    if owed:
        return Decided(Found.OPEN, due_at=min(owed))
    accepted = [one.acceptance.accepted_at for one in found if one.acceptance is not None]
    return Decided(Found.APPROVED, since=max(accepted, default=None))


def _answers(organization: Organization) -> Decided:
    asked = Assignment.objects.filter(organization=organization)
    known = asked.exclude(status=Assignment.Status.SUPERSEDED).order_by("pk").first()
    if known is None:
        return Decided()
    found = _ANSWERS[Assignment.Status(known.status)]
    if found is Found.SENT:
        return _waiting(found, organization, submission__assignment=known)
    since = known.assigned_at if found is Found.OPEN else known.decided_at or known.assigned_at
    return Decided(found, since=since, reason=known.reason)


def _access(organization: Organization, application: Application | None) -> Decided:
    live = Subscription.objects.active(at=timezone.now())
    active = live.filter(client__application__organization=organization).order_by("pk").first()
    if active is not None:
        return Decided(Found.APPROVED, since=active.starts_at)
    requests = AccessRequest.objects.filter(client__application=application)
    latest = requests.order_by("-pk").first()
    if application is None or latest is None:
        return Decided()
    found = _ACCESS[AccessRequest.Status(latest.status)]
    if found is Found.SENT:
        return _waiting(found, organization, name=latest.number, access_request=latest)
    if found is Found.APPROVED:  # It was, and has ended or rests since.
        return Decided()
    return Decided(found, since=latest.decided_at, reason=latest.reason, name=latest.number)


def _waiting(
    found: Found, organization: Organization, *, name: str = "", **subject: object
) -> Decided:
    reviews = Review.objects.waiting().filter(organization=organization, **subject)
    review = reviews.first()
    if review is None:  # Sent a moment ago; the queue hears of it next.
        return Decided(found, name=name)
    return Decided(found, since=review.opened_at, due_at=review.due_at, name=name)


def _answered_at(organization: Organization) -> datetime | None:
    start = Start.objects.filter(organization=organization, answered_at__isnull=False).first()
    if start is not None:
        return start.answered_at
    allowed = Usage.objects.of_organization(organization.pk).filter(reason=Reason.ALLOWED)
    return allowed.order_by("hour").values_list("hour", flat=True).first()
