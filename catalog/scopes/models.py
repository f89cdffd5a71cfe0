"""The data vocabulary: what a scope reveals, in which words, for which purposes, for how long."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.scopes.languages import Spoken, spoken
from catalog.scopes.reveals import RevealInvalid, reveal
from catalog.scopes.special import Special
from portal.triggers import as_written


class Depth(models.IntegerChoices):
    """How much data reveals about a person."""

    PUBLIC = 1, "Public"
    INTERNAL = 2, "Internal"
    PERSONAL = 3, "Personal"
    SENSITIVE = 4, "Sensitive"


Row = TypeVar("Row", bound=models.Model)


class VersionedQuerySet(models.QuerySet[Row]):
    def current(self) -> Self:
        return self.filter(superseded_at=None)


class Purpose(models.Model):
    """A reason for which data may be asked, in a fixed wording; superseded, never edited."""

    code = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    description = models.CharField(max_length=300)
    translations = models.JSONField(default=dict, blank=True)
    # Whether it makes a picture of the person (GDPR Art. 4 (4)): never asked about a child.
    is_profiling = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="purpose_version_is_unique"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(superseded_at=None), name="purpose_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}@{self.version}"

    def spoken(self) -> Spoken:
        """Return the words in the reader's language."""
        return spoken({"title": self.title, "description": self.description}, self.translations)


class DataCluster(models.Model):
    """A group of fields that a customer recognises, in a fixed wording, pinned by version."""

    code = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    label = models.CharField(max_length=60)
    summary = models.CharField(max_length=200)
    permissions = models.JSONField(default=list)
    depth = models.PositiveSmallIntegerField(choices=Depth)
    icon = models.CharField(max_length=24, default="file")
    max_retention_days = models.PositiveIntegerField()
    # How far back dated data may go at most; None where it has no dates, or no limit of its own.
    max_look_back_days = models.PositiveSmallIntegerField(null=True, blank=True)
    special_category = models.CharField(
        max_length=40, choices=Special, blank=True, default="", db_default=""
    )
    # From which age on somebody may share it, where that is later than deciding alone.
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    purposes = models.ManyToManyField(Purpose, related_name="clusters")
    translations = models.JSONField(default=dict, blank=True)
    # Where its data comes in things that a customer picks from: their kind, and how it is asked.
    resources = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="cluster_version_is_unique"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(superseded_at=None), name="cluster_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}@{self.version}"

    def spoken(self) -> Spoken:
        """Return the words in the reader's language."""
        words = {"label": self.label, "summary": self.summary, "permissions": self.permissions}
        return spoken(words, self.translations)

    def look_back(self, days: int | None) -> int | None:
        """Return how far back somebody who asks for so many days may read: never beyond its own."""
        if self.max_look_back_days is None:
            return days
        return self.max_look_back_days if days is None else min(days, self.max_look_back_days)


class Scope(models.Model):
    """What a token may do. A consentable scope opens one data cluster; others need no customer."""

    name = models.CharField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    description = models.CharField(max_length=300)
    cluster_code = models.SlugField(max_length=60, blank=True, default="")
    api_slug = models.SlugField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

    @property
    def is_consentable(self) -> bool:
        return bool(self.cluster_code)


class DetailType(models.Model):
    """A type of authorization details (RFC 9396), pinned by version; superseded, never edited.

    `scope_name` is what its detail is a case of: who agrees to the one agrees to the other. `lines`
    are the words in which each field is told; no field goes without.
    """

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=60)
    scope_name = models.CharField(max_length=80)
    api_slug = models.SlugField(max_length=80)
    schema = models.JSONField()
    lines = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "version"], name="detail_type_version_is_unique"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(superseded_at=None), name="detail_type_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class FieldRule(models.Model):
    """One field of one operation's answer that a cluster version reveals.

    `operation_key` is `<api>/<version>/<operation>`; `pointer` is RFC 6901 with `*` for the items
    of an array, as in `/items/*/medicine/name`. `transform` is what becomes of the value before it
    leaves, `permission` the sentence of the cluster that tells the customer of the field.
    """

    cluster = models.ForeignKey(DataCluster, models.CASCADE, related_name="rules")
    operation_key = models.CharField(max_length=240)
    pointer = models.CharField(max_length=300)
    transform = models.CharField(max_length=120, blank=True, default="")
    permission = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "operation_key", "pointer"], name="field_rule_once_per_cluster"
            ),
        ]
        indexes = [models.Index(fields=["operation_key"], name="field_rule_by_operation")]
        triggers = [
            # Customers agreed to them: a change is a new version of the cluster.
            as_written("field_rule_immutable")
        ]

    def __str__(self) -> str:
        return f"{self.cluster_id} {self.operation_key}#{self.pointer}"

    @property
    def seen_as(self) -> str:
        """Return the field as consents and gateways spell it, or nothing where it is unreadable."""
        try:
            return str(reveal(self.pointer, self.transform))
        except RevealInvalid:
            return ""
