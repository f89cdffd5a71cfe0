"""Who is a child, who decides with them, and what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from partners.applications.models import Client
from portal.access.actors import Actor
from portal.accounts.models import User
from portal.states import Stateful


class BirthDate(models.Model):
    """When a person was born, sealed under their own key; who has none is taken for an adult."""

    person = models.OneToOneField(User, models.PROTECT, related_name="+", primary_key=True)
    sealed = models.TextField()

    def __str__(self) -> str:
        return f"birth date of {self.person_id}"


class GuardianshipQuerySet(models.QuerySet["Guardianship"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return those in which the person is the guardian."""
        return self.live().filter(guardian_id=actor.person_id or 0)

    def live(self) -> Self:
        return self.filter(ended_at=None)


class Guardianship(models.Model):
    """That staff saw, with evidence, that one person decides with another, who is a child."""

    class End(models.TextChoices):
        """Why it ended: a code, never a story."""

        COURT_ORDER = "court_order", "A court decided it"
        CUSTODY = "custody", "Somebody else cares for the child now"
        MISTAKE = "mistake", "It should not have been linked"
        WISH = "wish", "The guardian asked for it"
        OF_AGE = "of_age", "The child has come of age"
        ACCOUNT_CLOSED = "account_closed", "The account was closed"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    child = models.ForeignKey(User, models.PROTECT, related_name="guardianships")
    guardian = models.ForeignKey(User, models.PROTECT, related_name="wards")
    # The support cases in which the evidence stands.
    begun_in = models.CharField(max_length=24)
    ended_in = models.CharField(max_length=24, blank=True, default="")
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=24, choices=End, blank=True, default="")

    objects = GuardianshipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child", "guardian"],
                condition=Q(ended_at=None),
                name="guardianship_once_at_a_time",
            ),
            models.CheckConstraint(
                name="guardianship_of_somebody_else", condition=~Q(child=F("guardian"))
            ),
            models.CheckConstraint(
                name="guardianship_ended_iff_reason",
                condition=Q(ended_at__isnull=True, end_reason="")
                | Q(ended_at__isnull=False) & ~Q(end_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"guardianship {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("guardians:child", args=[self.pk])


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def waiting(self, *, at: datetime) -> Self:
        return self.filter(status=Approval.Status.WAITING, lapses_at__gt=at)

    def lapsed(self, *, at: datetime) -> Self:
        return self.filter(status=Approval.Status.WAITING, lapses_at__lte=at)

    def standing(self, *, at: datetime) -> Self:
        """Return what holds at that instant: given, not over, by who is still the guardian."""
        return self.filter(
            status=Approval.Status.APPROVED,
            ends_at__gt=at,
            guardianship__ended_at=None,
            guardianship__guardian__is_active=True,
        )


class Approval(Stateful):
    """A child's question whether an application may be asked for data, and the guardian's answer.

    `asked` are the uses as they were put, each pinned to its cluster's version; `scopes` what the
    guardian allowed of them, until `ends_at` at most. It is not consent: the child still decides.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REFUSED = "refused"
        LAPSED = "lapsed"
        ENDED = "ended"

    moves = {
        Status.WAITING: {Status.APPROVED, Status.REFUSED, Status.LAPSED, Status.ENDED},
        Status.APPROVED: {Status.ENDED},
        Status.REFUSED: set(),
        Status.LAPSED: set(),
        Status.ENDED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    child = models.ForeignKey(User, models.PROTECT, related_name="approvals")
    client = models.ForeignKey(Client, models.PROTECT, related_name="+")
    status = models.CharField(max_length=24, choices=Status, default=Status.WAITING)
    asked = models.JSONField()
    # Single cases of its scopes (RFC 9396), as the request named them.
    details = models.JSONField(default=list)
    # Whether the application also wants to know who signed in.
    signs_in = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    lapses_at = models.DateTimeField()
    guardianship = models.ForeignKey(Guardianship, models.PROTECT, null=True, related_name="+")
    scopes = models.JSONField(default=list)
    ends_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child", "client"],
                condition=Q(status="waiting"),
                name="approval_one_waiting",
            ),
            models.UniqueConstraint(
                fields=["child", "client"],
                condition=Q(status="approved"),
                name="approval_one_at_a_time",
            ),
            models.CheckConstraint(
                name="approval_approved_is_whole",
                condition=~Q(status="approved")
                | Q(guardianship__isnull=False, ends_at__isnull=False, decided_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["lapses_at"], name="approval_by_lapse", condition=Q(status="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"approval {self.pk}"

    def allows(self, asked: list[dict[str, Any]], details: list[dict[str, Any]]) -> frozenset[str]:
        """Return those of the scopes that were allowed in these very words and cases."""
        known = {line["scope"]: line for line in self.asked}
        return frozenset(
            line["scope"]
            for line in asked
            if line["scope"] in self.scopes
            and known[line["scope"]] == line
            and _are_the_same(line["scope"], details, self.details)
        )


def _are_the_same(scope: str, now: list[dict[str, Any]], then: list[dict[str, Any]]) -> bool:
    """Whether a scope is limited to cases that were allowed, or was not limited then either."""
    asked = [detail for detail in now if detail["scope"] == scope]
    known = [detail for detail in then if detail["scope"] == scope]
    return all(detail in known for detail in asked) and bool(asked) == bool(known)
