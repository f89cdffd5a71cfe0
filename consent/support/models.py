"""What staff write down before they act in a customer's place: without it they cannot."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from consent.arrangements.models import Customer
from portal.access.actors import Actor
from portal.accounts.models import User
from portal.triggers import as_written, never_emptied


class SupportCaseQuerySet(models.QuerySet["SupportCase"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the officer's own: nobody goes on where somebody else checked who it was."""
        return self.filter(officer_id=actor.person_id or 0)


class SupportCase(models.Model):
    """The evidence of one conversation: with whom, how they were recognised, who listened.

    `sealed_note` is sealed with the customer's own key. The row is never changed: what is done in
    the case are events that name its number.
    """

    class Identity(models.TextChoices):
        CALLBACK = "callback", "Called back on the number on record"
        DOCUMENT = "document", "Saw a document"
        IN_PERSON = "in_person", "In person, with a document"
        COURT = "court", "A court or an authority wrote"

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    officer = models.ForeignKey(User, models.PROTECT, related_name="+")
    # What the helpdesk calls it: a code, so that it says nothing of anybody.
    ticket = models.CharField(max_length=40)
    identity = models.CharField(max_length=24, choices=Identity)
    sealed_note = models.TextField(blank=True, default="")
    opened_at = models.DateTimeField(default=timezone.now)
    closes_at = models.DateTimeField()

    objects = SupportCaseQuerySet.as_manager()

    class Meta:
        triggers = [
            as_written("support_case_immutable"),
            never_emptied("support_case_kept", what="evidence"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("support:case", args=[self.number])

    @property
    def number(self) -> str:
        return f"SC-{self.pk:06d}"
