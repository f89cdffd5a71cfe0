from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.scopes.models import DataCluster, Scope
from partners.applications.profiles import Profile, strictest
from partners.findings.actions import require_none_critical
from partners.organizations.models import Membership
from partners.questionnaires import deciding as questionnaires
from partners.questionnaires.models import Submission
from partners.remarks.actions import require_settled
from partners.reviews.deadline import due_after
from partners.reviews.events import ReviewEvent
from partners.reviews.models import Kind, Review, Verdict, Vote
from partners.subscriptions import actions as subscriptions
from partners.subscriptions.conditions import Term
from partners.subscriptions.models import AccessRequest, Tier
from portal.access.actors import Actor
from portal.access.permissions import Permission, allows, require
from portal.accounts.models import User
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.log import Fact, record


class ReasonNeeded(Refused):
    code = "reason_needed"


class AlreadyDecided(Conflict):
    code = "already_decided"


class ChangedSince(Conflict):
    code = "changed_since"


@transaction.atomic
def open_review(subject: Submission | AccessRequest, *, by: Actor) -> Review:
    """Put something before the reviewers; what is before them already stays as it is."""
    require(by, Permission.OPEN_REVIEW)
    now = timezone.now()
    if isinstance(subject, Submission):
        about: dict[str, Any] = {"submission": subject}
        kind, tier, depth = Kind.QUESTIONNAIRE, Tier(subject.score["tier"]), None
        organization = subject.assignment.organization
    else:
        about = {"access_request": subject}
        kind, tier, depth = Kind.ACCESS, Tier(subject.tier), _deepest(subject)
        organization = subject.client.application.organization
    review, is_new = Review.objects.get_or_create(
        **about,
        defaults={
            "kind": kind,
            "organization": organization,
            "tier": tier,
            "depth": depth,
            "quorum": 2 if tier >= Tier.HIGH else 1,
            "opened_at": now,
            "due_at": due_after(now, tier=tier),
        },
    )
    if is_new:
        _record(ReviewEvent.OPENED, review, by=by, about=kind.value, tier=int(tier))
    return review


@transaction.atomic
def cast_vote(
    review: Review,
    *,
    by: Actor,
    verdict: Verdict,
    reason: str,
    digest: str,
    profile: Profile | None = None,
    terms: Sequence[Term] = (),
) -> Review:
    """Decide, or be the first of two who do; `digest` is that of what the voter was shown.

    `profile` is what the client would have to do and `terms` are the access's conditions; of two
    voters' choices the stricter counts, so nobody alone loosens what the other approved. Whoever
    holds the review's row decides alone: the second of two finds the first one's vote.
    """
    require(by, Permission.REVIEW)
    review = _locked(review)
    if review.status != Review.Status.OPEN:
        raise AlreadyDecided(f"{review} was decided: {review.get_status_display().lower()}.")
    votes = list(review.votes.all())
    voter = _stranger(review, votes, by=by)
    if digest != review.digest:
        raise ChangedSince("This changed since you opened the page. Read it again.")
    _refuse_wrong(review, verdict, reason)
    vote = Vote.objects.create(
        review=review,
        voter=voter,
        verdict=verdict,
        for_security=allows(by, Permission.REVIEW_SECURITY),
        reason=reason.strip(),
        digest=digest,
        profile=profile or "",
        terms=[term.as_json() for term in terms],
        cast_at=timezone.now(),
    )
    _record(ReviewEvent.VOTED, review, by=by, verdict=verdict.value, vote_id=vote.pk)
    if verdict != Verdict.APPROVE or has_quorum(review, [*votes, vote]):
        _decide(review, [*votes, vote], by=by)
    return review


@transaction.atomic
def close_review(review: Review, *, by: Actor) -> None:
    """Take a review off the table because the partner no longer asks."""
    require(by, Permission.OPEN_REVIEW)
    review = _locked(review)
    if review.status == Review.Status.OPEN:
        review.move_to(Review.Status.WITHDRAWN, decided_at=timezone.now())
        _record(ReviewEvent.CLOSED, review, by=by)


def has_quorum(review: Review, votes: Sequence[Vote]) -> bool:
    """Return whether enough people approve, one of two being a security officer."""
    approvals = [vote for vote in votes if vote.verdict == Verdict.APPROVE]
    if len(approvals) < review.quorum:
        return False
    return not review.needs_two or any(vote.for_security for vote in approvals)


def why_not(review: Review, votes: Sequence[Vote], *, by: Actor) -> str:
    """Return why this person may not decide, or nothing when they may."""
    if not allows(by, Permission.REVIEW):
        return "Only reviewers and security officers decide."
    if any(vote.voter_id == by.person_id for vote in votes):
        return "You have voted already. Somebody else must be the second."
    is_member = Membership.objects.filter(
        organization_id=review.organization_id, user_id=by.person_id or 0
    ).exists()
    if is_member or by.person_id == review.submitter.pk:
        return "You helped to prepare this, so somebody else must approve it."
    return ""


def _locked(review: Review) -> Review:
    return (
        Review.objects.select_for_update(of=("self",))
        .select_related(
            "organization",
            "submission__assignment__version__template",
            "submission__submitted_by",
            "access_request__requested_by",
            "access_request__client__application__organization",
            "access_request__plan__api",
        )
        .get(pk=review.pk)
    )


def _stranger(review: Review, votes: Sequence[Vote], *, by: Actor) -> User:
    """Return the voter: a natural person who neither asked nor belongs to those who ask."""
    if why := why_not(review, votes, by=by):
        raise NotAllowed(why, code="not_independent")
    return User.objects.get(pk=by.person_id or 0)


def _refuse_wrong(review: Review, verdict: Verdict, reason: str) -> None:
    if verdict == Verdict.RETURN and not review.can_be_returned:
        raise Refused("A request for access is approved or refused.", code="cannot_return")
    if not reason.strip() and (verdict != Verdict.APPROVE or review.needs_two):
        why = "Say why. The partner reads it, and the next person after you."
        raise ReasonNeeded(why, errors={"reason": [why]})


def _decide(review: Review, votes: Sequence[Vote], *, by: Actor) -> None:
    """Do what the last vote decided and write it down, in the voter's transaction."""
    verdict, reason = Verdict(votes[-1].verdict), votes[-1].reason
    status = {
        Verdict.APPROVE: Review.Status.APPROVED,
        Verdict.RETURN: Review.Status.RETURNED,
        Verdict.REJECT: Review.Status.REJECTED,
    }[verdict]
    if isinstance(review.subject, Submission):
        _decide_submission(review.subject, verdict, by=by, reason=reason)
    else:
        _decide_access(review.subject, votes, by=by)
    review.move_to(status, decided_at=timezone.now())
    _record(ReviewEvent.DECIDED, review, by=by, verdict=verdict.value)


def _decide_submission(submission: Submission, verdict: Verdict, *, by: Actor, reason: str) -> None:
    match verdict:
        case Verdict.APPROVE:
            require_settled(submission.assignment)
            require_none_critical(submission)
            questionnaires.approve_submission(submission, by=by)
        case Verdict.RETURN:
            questionnaires.return_submission(submission, by=by, reason=reason)
        case Verdict.REJECT:
            questionnaires.reject_submission(submission, by=by, reason=reason)


def _decide_access(request: AccessRequest, votes: Sequence[Vote], *, by: Actor) -> None:
    if votes[-1].verdict == Verdict.APPROVE:
        chosen = [vote.profile for vote in votes if vote.profile]
        profile = strictest(chosen) if chosen else None
        terms = [Term.from_json(kept) for vote in votes for kept in vote.terms]
        subscriptions.approve_access(request, by=by, profile=profile, terms=terms)
    else:
        subscriptions.reject_access(request, by=by, reason=votes[-1].reason[:500])


def _deepest(request: AccessRequest) -> int | None:
    names = [use["scope"] for use in request.uses]
    codes = Scope.objects.filter(name__in=names).values("cluster_code")
    depths = DataCluster.objects.current().filter(code__in=codes).values_list("depth", flat=True)
    return max(depths, default=None)


def _record(event: ReviewEvent, review: Review, *, by: Actor, **facts: Fact) -> None:
    about: dict[str, Any] = {"organization_id": review.organization_id, **facts}
    record(event, review, by=by, number=review.number, **about)
