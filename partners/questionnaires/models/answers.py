from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from partners.questionnaires.models.assignments import Assignment
from portal.accounts.models import User
from portal.triggers import as_written


class Answer(models.Model):
    """One answer as it is now; its revision tells two people who write at once apart."""

    class Origin(models.TextChoices):
        MANUAL = "manual", "Given here"
        REUSED = "reused", "Carried over"
        IMPORTED = "imported", "Read from a file"

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="answers")
    key = models.CharField(max_length=60)
    value: models.JSONField[Any, Any] = models.JSONField(null=True)
    # Why the question does not apply; such an answer has no value.
    na_reason = models.CharField(max_length=500, blank=True, default="")
    revision = models.PositiveIntegerField(default=1)
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.MANUAL)
    # Where it came from, in words that hold when that is gone: a day, a questionnaire, a file.
    carried_from = models.CharField(max_length=200, blank=True, default="")
    is_confirmed = models.BooleanField(default=True)
    updated_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assignment", "key"], name="answer_once_per_question"),
            models.CheckConstraint(
                name="answer_not_applicable_has_no_value",
                condition=Q(na_reason="") | Q(value__isnull=True),
            ),
            models.CheckConstraint(
                name="answer_given_here_is_confirmed",
                condition=Q(is_confirmed=True) | ~Q(origin="manual"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.assignment_id}"


class AnswerRevision(models.Model):
    """What an answer was at some time; a repeated request finds here what it did the first time."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="revisions")
    key = models.CharField(max_length=60)
    value: models.JSONField[Any, Any] = models.JSONField(null=True)
    na_reason = models.CharField(max_length=500, blank=True, default="")
    revision = models.PositiveIntegerField()
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    # What the browser calls this one request, however often it has to send it.
    request_key = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "key", "revision"], name="answer_revision_is_unique"
            ),
            models.UniqueConstraint(
                fields=["assignment", "request_key"],
                condition=~Q(request_key=""),
                name="answer_revision_once_per_request",
            ),
        ]
        triggers = [as_written("answer_revision_fixed")]

    def __str__(self) -> str:
        return f"{self.key} {self.revision} of {self.assignment_id}"
