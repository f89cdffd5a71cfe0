from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consent.arrangements.models import Arrangement, Customer


class Reminder(models.Model):
    """That the end of an arrangement was announced, so many days before; an end is one instant."""

    arrangement = models.ForeignKey(Arrangement, models.CASCADE, related_name="+")
    ends_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["arrangement", "ends_at", "days"], name="reminder_once_per_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.arrangement_id}: {self.days} days"


class Rhythm(models.Model):
    """How a customer wants to be reminded, and when it last was summed up for them.

    There is no "never": sharing that nobody is reminded of is sharing that nobody chose.
    """

    class FirstDays(models.IntegerChoices):
        MONTH = 30, _("30, 7 and 1 days before")
        WEEK = 7, _("7 days and 1 day before")
        DAY = 1, _("1 day before")

    class SummaryDays(models.IntegerChoices):
        QUARTER = 90, _("Every 90 days")
        HALF = 180, _("Every 180 days")
        YEAR = 365, _("Every 365 days")

    customer = models.OneToOneField(Customer, models.CASCADE, related_name="+", primary_key=True)
    first_days = models.PositiveSmallIntegerField(choices=FirstDays, default=FirstDays.MONTH)
    summary_days = models.PositiveSmallIntegerField(
        choices=SummaryDays, default=SummaryDays.QUARTER
    )
    summed_up_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"rhythm of {self.customer_id}"
