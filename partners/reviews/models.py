from __future__ import annotations

from typing import Self, cast

from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse

from catalog.scopes.models import Depth
from partners.applications.profiles import Profile
from partners.organizations.models import Organization
from partners.questionnaires.models import Submission
from partners.subscriptions.conditions import Term
from partners.subscriptions.models import AccessRequest, Tier
from portal.accounts.models import User
from portal.states import Stateful
from portal.triggers import as_written


class Kind(models.TextChoices):
    ACCESS = "access", "Production access"
    QUESTIONNAIRE = "questionnaire", "Questionnaire"


class ReviewQuerySet(models.QuerySet["Review"]):
    def waiting(self) -> Self:
        """Return what nobody has decided, most urgent first."""
        return self.filter(status=Review.Status.OPEN).order_by("due_at", "pk")

    def decided(self) -> Self:
        return self.exclude(status=Review.Status.OPEN).order_by("-decided_at", "-pk")

    def with_story(self) -> Self:
        """Load what a row of a list says, whatever its length."""
        return self.select_related(
            "organization",
            "submission__assignment__version__template",
            "submission__submitted_by",
            "access_request__client__application",
            "access_request__plan__api",
            "access_request__requested_by",
        ).prefetch_related(Prefetch("votes", Vote.objects.select_related("voter").order_by("pk")))


class Review(Stateful):
    """Something of a partner that waits for a decision of ours: answers, or a wish for access."""

    class Status(models.TextChoices):
        OPEN = "open", "Waiting"
        APPROVED = "approved", "Approved"
        RETURNED = "returned", "Sent back"
        REJECTED = "rejected", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn by the partner"

    moves = {
        Status.OPEN: {Status.APPROVED, Status.RETURNED, Status.REJECTED, Status.WITHDRAWN},
        Status.APPROVED: set(),
        Status.RETURNED: set(),
        Status.REJECTED: set(),
        Status.WITHDRAWN: set(),
    }

    kind = models.CharField(max_length=16, choices=Kind)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="reviews")
    submission = models.OneToOneField(Submission, models.PROTECT, null=True, related_name="review")
    access_request = models.OneToOneField(
        AccessRequest, models.PROTECT, null=True, related_name="review"
    )
    tier = models.PositiveSmallIntegerField(choices=Tier)
    depth = models.PositiveSmallIntegerField(choices=Depth, null=True)
    quorum = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=24, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="review_of_one_thing",
                condition=Q(
                    kind="questionnaire", submission__isnull=False, access_request__isnull=True
                )
                | Q(kind="access", submission__isnull=True, access_request__isnull=False),
            ),
            models.CheckConstraint(
                name="review_decided_iff_dated",
                condition=Q(status="open", decided_at__isnull=True)
                | ~Q(status="open") & Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="review_high_tier_needs_two",
                condition=Q(tier__lt=Tier.HIGH, quorum__gte=1) | Q(quorum__gte=2),
            ),
            models.CheckConstraint(
                name="review_due_after_opened", condition=Q(due_at__gt=F("opened_at"))
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="review_waiting", condition=Q(status="open")
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("reviews:review", args=[self.number])

    @property
    def number(self) -> str:
        return f"R-{self.pk:04d}"

    @property
    def subject(self) -> Submission | AccessRequest:
        """Return what is decided on; a constraint says that there is exactly one."""
        return cast("Submission | AccessRequest", self.submission or self.access_request)

    @property
    def title(self) -> str:
        if isinstance(self.subject, Submission):
            return str(self.subject.assignment.version.template)
        return f"{self.subject.client.application} asks for {self.subject.plan.api}"

    @property
    def digest(self) -> str:
        """Return the fingerprint of what is decided on; a vote holds for this and nothing else."""
        if isinstance(self.subject, Submission):
            return self.subject.sha256
        return self.subject.digest

    @property
    def submitter(self) -> User:
        if isinstance(self.subject, Submission):
            return self.subject.submitted_by
        return self.subject.requested_by

    @property
    def needs_two(self) -> bool:
        return self.quorum > 1

    @property
    def can_be_decided_together(self) -> bool:
        """Whether it may be one of many that get one reason: never where two people are needed."""
        return not self.needs_two

    @property
    def can_be_returned(self) -> bool:
        """Answers go back to be mended; a wish for access is sent anew."""
        return self.kind == Kind.QUESTIONNAIRE


class Verdict(models.TextChoices):
    APPROVE = "approve", "Approve"
    RETURN = "return", "Send back"
    REJECT = "reject", "Refuse"


class Vote(models.Model):
    """What one person decided, about exactly what they saw."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="votes")
    voter = models.ForeignKey(User, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict)
    # Whether the voter was a security officer when voting.
    for_security = models.BooleanField()
    reason = models.CharField(max_length=2000, blank=True, default="")
    digest = models.CharField(max_length=64)
    # What the client would have to do; empty where nothing asks for it.
    profile = models.CharField(max_length=24, choices=Profile, blank=True, default="")
    # The conditions of the access, as `Term.as_json` writes them.
    terms = models.JSONField(default=list)
    cast_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "voter"], name="vote_once_per_person"),
            models.CheckConstraint(
                name="vote_against_has_reason", condition=Q(verdict="approve") | ~Q(reason="")
            ),
        ]
        triggers = [as_written("vote_fixed")]

    def __str__(self) -> str:
        return f"{self.verdict} on {self.review_id} by {self.voter_id}"

    @property
    def spoken_terms(self) -> list[str]:
        return [Term.from_json(kept).in_words() for kept in self.terms]
