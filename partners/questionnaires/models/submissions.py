from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from partners.questionnaires.models.assignments import Assignment
from portal.accounts.models import User
from portal.triggers import as_written


class Submission(models.Model):
    """What was sent in one round, word for word, by whom, and what they put their name to."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="submissions")
    round = models.PositiveSmallIntegerField()
    snapshot = models.JSONField()
    sha256 = models.CharField(max_length=64)
    statement_sha256 = models.CharField(max_length=64, blank=True, default="")
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

    @property
    def score(self) -> dict[str, Any]:
        """Return what the newest engine made of it."""
        newest = max(self.scores.all(), key=lambda score: score.engine)
        return dict(newest.result)


class Score(models.Model):
    """What one engine makes of a submission. Another engine adds a row and rewrites none."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="scores")
    engine = models.PositiveSmallIntegerField()
    result: models.JSONField[Any, Any] = models.JSONField()
    scored_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "engine"], name="score_once_per_engine"),
        ]
        triggers = [as_written("score_fixed")]

    def __str__(self) -> str:
        return f"engine {self.engine} on {self.submission_id}"
