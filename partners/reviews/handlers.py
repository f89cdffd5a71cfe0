from __future__ import annotations

from django.urls import reverse

from partners.organizations.people import people_of
from partners.questionnaires.models import Submission
from partners.reviews import actions
from partners.reviews.models import Review
from partners.subscriptions.models import AccessRequest
from portal.access.actors import SYSTEM, Role
from portal.accounts.models import User
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify


@on("partners.questionnaire.submitted")
def review_answers(event: Event) -> None:
    submission = Submission.objects.select_related("assignment__organization").get(
        pk=event.facts["submission_id"]
    )
    actions.open_review(submission, by=SYSTEM)


@on("partners.access.requested")
def review_access(event: Event) -> None:
    actions.open_review(_request_of(event), by=SYSTEM)


@on("partners.access.withdrawn", "partners.access.rejected")
def drop_access(event: Event) -> None:
    """Take off the table what is asked no more, or lapsed; who decided has closed it already."""
    for review in Review.objects.filter(access_request=_request_of(event)):
        actions.close_review(review, by=SYSTEM)


@on("partners.review.opened")
def tell_reviewers(event: Event) -> None:
    """Tell those who may decide, except whoever belongs to the partner."""
    review = _review_of(event)
    if review.status != Review.Status.OPEN:
        return
    reviewers = User.objects.filter(
        is_active=True, staff_roles__role__in=[Role.REVIEWER, Role.SECURITY]
    ).exclude(memberships__organization=review.organization_id)
    for reviewer in reviewers.distinct():
        notify(
            reviewer,
            key=f"{event.public_id}:{reviewer.pk}",
            template="reviews/opened",
            context={
                "number": review.number,
                "title": review.title,
                "organization": review.organization.name,
                "tier": review.get_tier_display(),
                "due": f"{review.due_at:%-d %B %Y, %H:%M} UTC",
                "quorum": review.quorum,
            },
            link=review.get_absolute_url(),
        )


@on("partners.review.decided")
def tell_partner(event: Event) -> None:
    """Tell the people who answer for the partner, and whoever asked."""
    review = _review_of(event)
    people = list(people_of(review.organization_id, Role.OWNER, Role.SECURITY_CONTACT))
    last = review.votes.latest("pk")
    for person in {person.pk: person for person in [*people, review.submitter]}.values():
        notify(
            person,
            key=f"{event.public_id}:{person.pk}",
            template="reviews/decided",
            context={
                "title": review.title,
                "organization": review.organization.name,
                "status": review.status,
                "reason": last.reason,
                "kind": review.kind,
            },
            link=_page_of(review),
        )


def _review_of(event: Event) -> Review:
    return Review.objects.with_story().get(pk=int(event.subject.rpartition(":")[2]))


def _request_of(event: Event) -> AccessRequest:
    return AccessRequest.objects.get(pk=int(event.subject.rpartition(":")[2]))


def _page_of(review: Review) -> str:
    if isinstance(review.subject, Submission):
        return reverse("questionnaires:home")
    return reverse("applications:application", args=[review.subject.client.application.slug])
