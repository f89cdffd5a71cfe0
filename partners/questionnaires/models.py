from __future__ import annotations

from functools import cached_property
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from partners.organizations.models import Organization
from partners.questionnaires import content
from partners.questionnaires.content import Content
from partners.questionnaires.visibility import Value
from portal.access.actors import Actor, Role
from portal.accounts.models import User
from portal.states import Stateful
from portal.triggers import as_written


class Template(models.Model):
    """A questionnaire by name; what it asks is in its versions."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.title


class TemplateVersion(models.Model):
    """What a questionnaire asks, fixed from the day it is published."""

    template = models.ForeignKey(Template, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["template", "number"], name="template_version_is_unique"
            ),
            models.UniqueConstraint(
                fields=["template", "sha256"], name="template_version_is_different"
            ),
        ]
        triggers = [as_written("template_version_fixed")]

    def __str__(self) -> str:
        return f"{self.template} {self.number}"

    @cached_property
    def content(self) -> Content:
        return content.read(self.document)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, actor: Actor) -> Self:
        if actor.roles & {Role.ADMIN, Role.REVIEWER, Role.SECURITY}:
            return self
        return self.filter(organization__in=actor.memberships)

    def of(self, organization: Organization) -> Self:
        return self.filter(organization=organization).select_related(
            "version__template", "organization"
        )


class Assignment(Stateful):
    """A questionnaire that an organization has to answer, round by round until it is decided."""

    class Status(models.TextChoices):
        OPEN = "open"
        SUBMITTED = "submitted"
        RETURNED = "returned"
        APPROVED = "approved"
        REJECTED = "rejected"

    moves = {
        Status.OPEN: {Status.SUBMITTED},
        Status.SUBMITTED: {Status.RETURNED, Status.APPROVED, Status.REJECTED},
        Status.RETURNED: {Status.SUBMITTED},
        Status.APPROVED: set(),
        Status.REJECTED: set(),
    }

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="assignments")
    version = models.ForeignKey(TemplateVersion, models.PROTECT, related_name="assignments")
    status = models.CharField(max_length=24, choices=Status, default=Status.OPEN)
    # The round that is being answered, or was answered last.
    round = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=2000, blank=True, default="")
    assigned_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "version"], name="assignment_once_per_version"
            ),
            models.CheckConstraint(
                name="assignment_decided_iff_dated",
                condition=Q(status__in=["open", "submitted"], decided_at__isnull=True)
                | Q(status__in=["returned", "approved", "rejected"], decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} of {self.organization}"

    def get_absolute_url(self) -> str:
        return reverse("questionnaires:home")

    @property
    def is_answerable(self) -> bool:
        return self.status in {self.Status.OPEN, self.Status.RETURNED}

    def values(self) -> dict[str, Value]:
        """Return what was answered, by key; a cleared answer is none."""
        rows = self.answers.exclude(value__isnull=True)
        return dict(rows.values_list("key", "value"))


class Answer(models.Model):
    """One answer as it is now; its revision tells two people who write at once apart."""

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="answers")
    key = models.CharField(max_length=60)
    value: models.JSONField[Any, Any] = models.JSONField(null=True)
    revision = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "key"], name="answer_once_per_question"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.assignment_id}"


class Submission(models.Model):
    """What was sent in one round, word for word, and what it scored."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="submissions")
    round = models.PositiveSmallIntegerField()
    snapshot = models.JSONField()
    sha256 = models.CharField(max_length=64)
    score = models.JSONField()
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "round"], name="submission_once_per_round"
            ),
        ]
        triggers = [as_written("submission_fixed")]

    def __str__(self) -> str:
        return f"round {self.round} of {self.assignment_id}"
