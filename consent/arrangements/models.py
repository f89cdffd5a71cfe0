from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import uuid4

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from catalog.scopes.models import DataCluster, Purpose, Scope
from consent.notices.models import Notice
from partners.applications.models import Application, Client
from portal.access.actors import Actor
from portal.accounts.models import User
from portal.states import Stateful


def immutable(name: str) -> list[pgtrigger.Trigger]:
    """Return the trigger that keeps proof as it was written."""
    return [pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)]


ALL_DATA = "*"


class Customer(models.Model):
    """A person whose data the APIs hold; test customers are synthetic and serve the sandbox."""

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, models.PROTECT, related_name="customer")
    is_test = models.BooleanField(default=False)
    # Codes of clusters that are kept and not used now (GDPR Art. 18), or ALL_DATA.
    restricted = ArrayField(models.CharField(max_length=80), default=list, db_default=[])

    def __str__(self) -> str:
        return f"customer {self.pk}"

    def restricts(self, cluster_code: str) -> bool:
        return cluster_code in self.restricted or ALL_DATA in self.restricted

    def may_meet(self, client: Client) -> bool:
        """Whether the client may ask this customer: the sandbox never touches a real person."""
        return self.is_test == client.is_sandbox


class Pseudonym(models.Model):
    """The only name by which an application knows a customer; another application has another."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    subject = models.UUIDField(default=uuid4, unique=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "customer"], name="pseudonym_once_per_application"
            ),
        ]

    def __str__(self) -> str:
        return str(self.subject)


class ArrangementQuerySet(models.QuerySet["Arrangement"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the customer's own. Staff work with counts and single cases, never with lists."""
        return self.filter(customer__user_id=actor.person_id or 0)

    def active(self, *, at: datetime) -> Self:
        """Return what may be used at that instant; the sweep need not have run."""
        return self.filter(status=Arrangement.Status.ACTIVE, ends_at__gt=at)

    def overdue(self, *, at: datetime) -> Self:
        return self.filter(status=Arrangement.Status.ACTIVE, ends_at__lte=at)

    def ended(self, *, at: datetime) -> Self:
        return self.exclude(status=Arrangement.Status.ACTIVE, ends_at__gt=at)


class Arrangement(Stateful):
    """One customer's agreement with one client of an application about some of their data.

    Every change makes an immutable version; tokens hang off the arrangement and are never more
    than its current version says. `epoch` rises when everything issued so far must stop.
    """

    class Status(models.TextChoices):
        ACTIVE = "active"
        WITHDRAWN = "withdrawn"
        REVOKED = "revoked"
        EXPIRED = "expired"

    moves = {
        Status.ACTIVE: {Status.WITHDRAWN, Status.REVOKED, Status.EXPIRED},
        Status.WITHDRAWN: set(),
        Status.REVOKED: set(),
        Status.EXPIRED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="arrangements")
    client = models.ForeignKey(Client, models.PROTECT, related_name="arrangements")
    status = models.CharField(max_length=24, choices=Status, default=Status.ACTIVE)
    version_number = models.PositiveIntegerField(default=1)
    epoch = models.PositiveIntegerField(default=1)
    given_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=60, blank=True, default="")
    last_read_at = models.DateTimeField(null=True, blank=True)
    # When it was noted that the application took a token: before the token itself is purged.
    claimed_at = models.DateTimeField(null=True, blank=True)

    objects = ArrangementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "client"],
                condition=Q(status="active"),
                name="arrangement_one_active",
            ),
            models.CheckConstraint(
                name="arrangement_ends_after_start", condition=Q(ends_at__gt=F("given_at"))
            ),
            models.CheckConstraint(
                name="arrangement_ended_iff_dated",
                condition=Q(status="active", ended_at__isnull=True)
                | ~Q(status="active") & Q(ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], name="arrangement_by_end", condition=Q(status="active")
            ),
        ]

    def __str__(self) -> str:
        return f"Sharing with {self.client.application}"

    def get_absolute_url(self) -> str:
        return reverse("arrangements:arrangement", args=[self.client.application.slug])

    def is_active(self, *, at: datetime) -> bool:
        return self.status == self.Status.ACTIVE and at < self.ends_at


class Management(models.TextChoices):
    """What an application asks to be done with what it may already see (Grant Management §5)."""

    CREATE = "create"
    MERGE = "merge"
    REPLACE = "replace"


class ArrangementVersion(models.Model):
    """What was agreed to, as it was shown: immutable."""

    class Change(models.TextChoices):
        GIVEN = "given"
        NARROWED = "narrowed"
        RENEWED = "renewed"
        MERGED = "merged"

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    change = models.CharField(max_length=12, choices=Change)
    ends_at = models.DateTimeField()
    # The text of the screen, and its digest, so that what was shown can be proved.
    notice = models.JSONField()
    notice_sha256 = models.CharField(max_length=64)
    # The portal's own notice that the screen named; none was published before the first.
    privacy_notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="+")
    locale = models.CharField(max_length=12)
    authenticated_at = models.DateTimeField(null=True)
    # Single cases of its scopes (RFC 9396): each with its `content` and the `scope` it belongs to.
    details = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["arrangement", "number"], name="arrangement_version_is_unique"
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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "scope"], name="item_once_per_scope"),
        ]
        triggers = immutable("item_immutable")

    def __str__(self) -> str:
        return f"{self.scope_id} in {self.version_id}"


class Receipt(models.Model):
    """Proof for the customer of what was given or ended: the record itself, and its digest."""

    number = models.CharField(max_length=24, unique=True)
    version = models.ForeignKey(ArrangementVersion, models.PROTECT, related_name="receipts")
    event_kind = models.CharField(max_length=80)
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "event_kind"], name="receipt_once_per_happening"
            ),
        ]
        triggers = immutable("receipt_immutable")

    def __str__(self) -> str:
        return self.number


class Reading(models.Model):
    """How often an operation read a customer's data in an hour: the customer's history."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="readings")
    operation_key = models.CharField(max_length=240)
    hour = models.DateTimeField()
    cluster_codes = models.JSONField(default=list)
    read_count = models.PositiveIntegerField(default=0)
    last_read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["arrangement", "operation_key", "hour"], name="reading_once_per_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation_key} at {self.hour}"
