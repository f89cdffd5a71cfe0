from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from partners.organizations.models import Organization
from partners.questionnaires.models.templates import TemplateVersion
from partners.questionnaires.values import Value
from portal.access.actors import Actor, Role
from portal.accounts.models import User
from portal.states import Stateful

# How long before the end of approved answers the next ones may be begun.
RENEWED_BEFORE = timedelta(days=60)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, actor: Actor) -> Self:
        if actor.roles & {Role.ADMIN, Role.REVIEWER, Role.SECURITY}:
            return self
        return self.filter(organization__in=actor.memberships)

    def of(self, organization: Organization) -> Self:
        return self.filter(organization=organization).select_related(
            "version__template", "organization", "replaces", "renewal"
        )

    def in_force(self) -> Self:
        """Return what was approved and not replaced since; the clock says whether it has ended."""
        return self.filter(status=Assignment.Status.APPROVED)

    def ending_before(self, instant: datetime) -> Self:
        return self.in_force().filter(valid_until__lte=instant)

    def held(self, pk: int) -> Assignment:
        """Lock one row for the rest of the transaction and return it as it is now."""
        return (
            self.select_for_update(of=("self",))
            .select_related("version__template", "organization")
            .get(pk=pk)
        )


class Assignment(Stateful):
    """A questionnaire that an organization has to answer, round by round until it is decided."""

    class Status(models.TextChoices):
        OPEN = "open"
        SUBMITTED = "submitted"
        RETURNED = "returned"
        APPROVED = "approved"
        REJECTED = "rejected"
        SUPERSEDED = "superseded"

    class Occasion(models.TextChoices):
        ONBOARDING = "onboarding", "Before production"
        RENEWAL = "renewal", "Renewal"
        SCOPE_UPGRADE = "scope_upgrade", "More access"
        INCIDENT = "incident", "After an incident"
        MATERIAL_CHANGE = "material_change", "Something changed"

    moves = {
        Status.OPEN: {Status.SUBMITTED},
        Status.SUBMITTED: {Status.RETURNED, Status.APPROVED, Status.REJECTED},
        Status.RETURNED: {Status.SUBMITTED},
        Status.APPROVED: {Status.SUPERSEDED},
        Status.REJECTED: set(),
        Status.SUPERSEDED: set(),
    }
    UNDECIDED = (Status.OPEN, Status.SUBMITTED, Status.RETURNED)

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="assignments")
    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="assignments")
    occasion = models.CharField(max_length=24, choices=Occasion, default=Occasion.ONBOARDING)
    # The approved answers that a renewal begins from, and ends when it is approved itself.
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="renewal")
    status = models.CharField(max_length=24, choices=Status, default=Status.OPEN)
    # The round that is being answered, or was answered last.
    round = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=2000, blank=True, default="")
    assigned_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "version"],
                condition=Q(status__in=["open", "submitted", "returned"]),
                name="assignment_undecided_once_per_version",
            ),
            models.CheckConstraint(
                name="assignment_decided_iff_dated",
                condition=Q(status__in=["open", "submitted"], decided_at__isnull=True)
                | Q(
                    status__in=["returned", "approved", "rejected", "superseded"],
                    decided_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="assignment_valid_only_once_approved",
                condition=Q(valid_until__isnull=True) | Q(status__in=["approved", "superseded"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} of {self.organization}"

    def get_absolute_url(self) -> str:
        return reverse("questionnaires:home")

    @property
    def is_followed(self) -> bool:
        """Whether a renewal stands in its place; `of` and its like load it along."""
        return self.status == self.Status.SUPERSEDED or hasattr(self, "renewal")

    @property
    def is_answerable(self) -> bool:
        return self.status in {self.Status.OPEN, self.Status.RETURNED}

    def values(self) -> dict[str, Value]:
        """Return what was answered, by key; a cleared answer is none."""
        rows = self.answers.exclude(value__isnull=True)
        return dict(rows.values_list("key", "value"))


class Delegation(models.Model):
    """A section that one member looks after, whatever else they may do in their organization."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="delegations")
    section = models.SlugField(max_length=60)
    to = models.ForeignKey(User, models.PROTECT, related_name="+")
    delegated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "section"], name="delegation_once_per_section"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section} of {self.assignment_id} to {self.to_id}"
