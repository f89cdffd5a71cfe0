from __future__ import annotations

from typing import Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from partners.questionnaires.models import Assignment
from portal.access.actors import Actor
from portal.access.permissions import Permission, allows
from portal.accounts.models import User
from portal.states import Stateful
from portal.triggers import as_written

MAX_LENGTH = 2000


class ThreadQuerySet(models.QuerySet["Thread"]):
    def visible_to(self, actor: Actor) -> Self:
        """Hide what reviewers say among themselves from everybody else."""
        if allows(actor, Permission.REVIEW):
            return self
        return self.filter(
            assignment__organization__in=actor.memberships, audience=Thread.Audience.PARTNER
        )

    def unresolved(self) -> Self:
        return self.exclude(status=Thread.Status.RESOLVED)


class Thread(Stateful):
    """What is said about one answer: with the partner, or among reviewers alone."""

    class Status(models.TextChoices):
        OPEN = "open", "Waits for the partner"
        ANSWERED = "answered", "Waits for us"
        RESOLVED = "resolved", "Settled"

    class Audience(models.TextChoices):
        PARTNER = "partner", "The partner, too"
        INTERNAL = "internal", "Reviewers only"

    moves = {
        Status.OPEN: {Status.ANSWERED, Status.RESOLVED},
        Status.ANSWERED: {Status.OPEN, Status.RESOLVED},
        Status.RESOLVED: {Status.OPEN, Status.ANSWERED},
    }

    # An answer by its questionnaire and key: both stay when it is given anew.
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="+")
    key = models.CharField(max_length=60)
    audience = models.CharField(max_length=12, choices=Audience)
    status = models.CharField(max_length=24, choices=Status, default=Status.OPEN)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "key", "audience"], name="thread_once_per_audience"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.assignment_id}"

    def get_absolute_url(self) -> str:
        return reverse("remarks:answer", args=[self.assignment_id, self.key])

    @property
    def question(self) -> str:
        asked = self.assignment.version.content.by_key.get(self.key)
        return f"{asked.number} {asked.text}" if asked else self.key


class Remark(models.Model):
    """What one person said; nobody changes it afterwards."""

    thread = models.ForeignKey(Thread, models.PROTECT, related_name="remarks")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_of_staff = models.BooleanField()
    text = models.CharField(max_length=MAX_LENGTH)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = [as_written("remark_fixed")]

    def __str__(self) -> str:
        return f"remark {self.pk} on {self.thread_id}"
