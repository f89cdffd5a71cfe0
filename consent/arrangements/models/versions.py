"""What was agreed to each time, as it was shown: written once."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.scopes.models import DataCluster, Purpose, Scope
from consent.arrangements.models.arrangements import Arrangement
from consent.arrangements.models.proof import immutable
from consent.arrangements.vocabulary import Duration
from consent.minors.models import Approval
from consent.notices.models import Notice

# The longest that anybody shares without being asked again: 365 days of 24 hours.
MAX_PERIOD = timedelta(hours=365 * 24)


class ArrangementVersion(models.Model):
    """What was agreed to, as it was shown: immutable."""

    class Change(models.TextChoices):
        """What a version did to the one before: `renewed` agrees to the same for no longer."""

        GIVEN = "given"
        NARROWED = "narrowed"
        SHORTENED = "shortened"
        AMENDED = "amended"
        EXTENDED = "extended"
        RENEWED = "renewed"

    class Channel(models.TextChoices):
        WEB = "web"
        SUPPORT = "support"
        GUARDIAN = "guardian"

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    change = models.CharField(max_length=12, choices=Change)
    duration = models.CharField(max_length=12, choices=Duration, default=Duration.FIXED)
    ends_at = models.DateTimeField()
    # The text of the screen, and its digest, so that what was shown can be proved.
    notice = models.JSONField()
    notice_sha256 = models.CharField(max_length=64)
    # The portal's own notice that the screen named; none was published before the first.
    privacy_notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="+")
    locale = models.CharField(max_length=12)
    channel = models.CharField(max_length=12, choices=Channel, default=Channel.WEB)
    # What a guardian had allowed, where the customer was a child.
    approval = models.ForeignKey(Approval, models.PROTECT, null=True, related_name="+")
    # How surely, how and when the person signed in who agreed (`acr`, `amr`, `auth_time`).
    acr = models.CharField(max_length=40, blank=True, default="")
    amr = models.JSONField(default=list)
    authenticated_at = models.DateTimeField(null=True)
    # Single cases of its scopes (RFC 9396): each with its `content` and the `scope` it belongs to.
    details = models.JSONField(default=list)
    # What receipts say of this version, whatever becomes of names and wordings later.
    record = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["arrangement", "number"], name="arrangement_version_is_unique"
            ),
            models.CheckConstraint(
                name="arrangement_version_ends_in_a_year",
                condition=Q(ends_at__lte=F("created_at") + MAX_PERIOD),
            ),
            models.CheckConstraint(
                name="arrangement_version_of_a_guardian_is_approved",
                condition=~Q(channel="guardian") | Q(approval__isnull=False),
            ),
        ]
        triggers = immutable("arrangement_version_immutable")

    def __str__(self) -> str:
        return f"{self.arrangement_id} version {self.number}"


class Item(models.Model):
    """One cluster of data for one purpose in a version, with the fields pinned at that moment.

    `fields` maps an operation key to what its answers may hold, each as `catalog.scopes.reveals`
    spells it: a field that joins the cluster later is not in here and is not returned.
    """

    version = models.ForeignKey(ArrangementVersion, models.PROTECT, related_name="items")
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+")
    cluster = models.ForeignKey(DataCluster, models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    why = models.CharField(max_length=160)
    is_required = models.BooleanField()
    retention_days = models.PositiveIntegerField()
    fields = models.JSONField(default=dict)
    # Which things it is about, by the references of who keeps them; None where it has no things.
    resources = models.JSONField(null=True)
    # From when on dated data may be read; None where the data has no dates.
    look_back_from = models.DateTimeField(null=True)
    # How long before the agreement that was, as it was said: a later version keeps both.
    look_back_days = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "scope"], name="item_once_per_scope"),
        ]
        triggers = immutable("item_immutable")

    def __str__(self) -> str:
        return f"{self.scope_id} in {self.version_id}"
