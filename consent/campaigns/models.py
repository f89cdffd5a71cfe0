"""Asking many customers anew because what they agreed to rests on something that has changed."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from consent.arrangements.models import Arrangement, ArrangementVersion, Item
from partners.applications.models import Application
from portal.states import Stateful
from portal.triggers import as_written


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self) -> Self:
        return self.filter(status=Campaign.Status.RUNNING)

    def concerning(self, arrangement: str) -> Self:
        """Return those whose change the current version of an outer row's arrangement is before.

        `arrangement` is where the outer row keeps the id of its arrangement.
        """
        key = OuterRef(OuterRef(arrangement))
        versions = ArrangementVersion.objects.filter(
            arrangement=key, number=F("arrangement__version_number")
        )
        notice = versions.filter(
            Q(privacy_notice=None)
            | Q(
                privacy_notice__code=OuterRef("code"),
                privacy_notice__version__lt=OuterRef("version"),
            )
        )
        purpose = Item.objects.filter(
            version__arrangement=key,
            version__number=F("version__arrangement__version_number"),
            purpose__code=OuterRef("code"),
            purpose__version__lt=OuterRef("version"),
        )
        return self.filter(
            Q(Exists(notice), kind=Campaign.Kind.NOTICE)
            | Q(Exists(purpose), kind=Campaign.Kind.PURPOSE)
        )


def due_by(arrangement: str) -> Subquery:
    """Return when what an outer row stands on ends although nobody has been asked yet, if it does.

    While a campaign is still asking, its deadline holds for those as well whom the job has not
    reached. Afterwards it stands in each `ends_at`, and there is nothing here to look through.
    """
    open_ones = Campaign.objects.running().filter(asked_all_at=None).concerning(arrangement)
    first = open_ones.order_by().values("status").annotate(first=Min("deadline")).values("first")
    return Subquery(first)


class Campaign(Stateful):
    """A change, and the instant by which those who agreed to what was before have to answer.

    What changed is a material version of a notice, or a version of a purpose.
    """

    class Status(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        FINISHED = "finished"
        CANCELLED = "cancelled"

    class Kind(models.TextChoices):
        NOTICE = "notice", "Privacy notice"
        PURPOSE = "purpose", "Purpose"

    OPEN = (Status.PLANNED, Status.RUNNING)

    moves = {
        Status.PLANNED: {Status.RUNNING, Status.CANCELLED},
        Status.RUNNING: {Status.FINISHED},
        Status.FINISHED: set(),
        Status.CANCELLED: set(),
    }

    status = models.CharField(max_length=24, choices=Status, default=Status.PLANNED)
    kind = models.CharField(max_length=12, choices=Kind)
    code = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    # What changed, in a sentence for customers, by language; English is always there.
    summary = models.JSONField()
    deadline = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    # From then on the deadline stands in each arrangement.
    asked_all_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code", "version"],
                condition=Q(status__in=["planned", "running"]),
                name="campaign_one_open_for_a_change",
            ),
            models.CheckConstraint(
                name="campaign_started_iff_dated",
                condition=Q(status__in=["running", "finished"], started_at__isnull=False)
                | ~Q(status__in=["running", "finished"]) & Q(started_at__isnull=True),
            ),
            models.CheckConstraint(
                name="campaign_ended_iff_dated",
                condition=Q(status__in=["finished", "cancelled"], ended_at__isnull=False)
                | ~Q(status__in=["finished", "cancelled"]) & Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="campaign_finished_after_asking_all",
                condition=~Q(status="finished") | Q(asked_all_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline"],
                name="campaign_still_asking",
                condition=Q(status="running", asked_all_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}@{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("campaigns:campaign", args=[self.pk])

    @property
    def notice(self) -> str:
        """Return the code of what changed, as arrangements and partners know it."""
        return f"{self.code[:50]}@{self.version}"

    def spoken(self, language: str) -> str:
        """Return what changed, in that language or in English."""
        broad = language.partition("-")[0]
        return str(self.summary.get(language) or self.summary.get(broad) or self.summary["en"])

    def before_it(self, arrangements: QuerySet[Arrangement]) -> QuerySet[Arrangement]:
        """Return those whose current version was agreed to before this change."""
        this = Campaign.objects.filter(pk=self.pk).concerning("pk")
        return arrangements.filter(Exists(this))


class AskedQuerySet(models.QuerySet["Asked"]):
    def with_outcome(self, *, at: datetime) -> Self:
        """Let each be asked what came of it: whether it still owes, still runs, ended for that."""
        owing = Campaign.objects.filter(pk=OuterRef("campaign_id")).concerning("arrangement_id")
        row = Arrangement.objects.filter(pk=OuterRef("arrangement_id"))
        superseded = Q(end_reason="policy_superseded") | Q(
            status__in=Arrangement.RUNNING, ends_at__lte=at, ends_at=F("reconsent_by")
        )
        return self.alias(
            owes=Exists(owing),
            runs=Exists(row.running(at=at)),
            is_superseded=Exists(row.filter(superseded)),
        )


class Asked(models.Model):
    """That an arrangement was asked about in a campaign; it is written in the same transaction."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="asked")
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = AskedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "arrangement"], name="asked_once_in_a_campaign"
            ),
        ]
        triggers = [as_written("asked_immutable")]

    def __str__(self) -> str:
        return f"{self.arrangement_id} in {self.campaign_id}"


class Told(models.Model):
    """That an application heard of a campaign: so many days before its deadline, 0 for after."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="told")
    application = models.ForeignKey(Application, models.CASCADE, related_name="+")
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "application", "days"], name="told_once_per_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.days} days"
