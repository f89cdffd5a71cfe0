from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, Subquery, When
from django.urls import reverse
from django.utils import timezone

from catalog.apis.audience import Audience, Guest, is_open_to
from catalog.apis.fields import Field
from catalog.apis.parts import Part
from catalog.scopes.models import Depth, Scope
from portal.access.actors import Actor
from portal.accounts.models import User
from portal.states import Stateful

__all__ = [
    "Api", "ApiVersion", "Audience", "Field", "Guest", "Life", "Operation", "Part",
]  # fmt: skip

# Asking with these changes nothing (RFC 9110 §9.2.1).
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class ApiQuerySet(models.QuerySet["Api"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return published APIs of whose audience the actor is; staff see them all, and drafts."""
        if actor.is_staff:
            return self
        return self.filter(status__in=Api.PUBLIC_STATUSES).open_to(list(actor.memberships))

    def open_to(self, organizations: Collection[int] | models.QuerySet[Any]) -> Self:
        """Return the APIs that people of these organizations may know of, published or not."""
        return self.filter(is_open_to(organizations))

    def ended(self, *, at: datetime) -> Self:
        """Return the APIs all of whose versions have come to their end at that instant."""
        versions = ApiVersion.objects.filter(api=OuterRef("pk"))
        over = Exists(versions.filter(sunset_at__lte=at))
        return self.filter(over).exclude(Exists(versions.answering(at=at)))

    def in_life(self, life: Life) -> Self:
        """Return the APIs whose newest public version is in that part of its life."""
        has = {
            status: Exists(ApiVersion.objects.filter(api=OuterRef("pk"), status=status))
            for status in (ApiVersion.Status.STABLE, ApiVersion.Status.BETA)
        }
        stable, beta = has[ApiVersion.Status.STABLE], has[ApiVersion.Status.BETA]
        retiring = Q(status=Api.Status.DEPRECATED) | ~stable & ~beta
        match life:
            case Life.CURRENT:
                return self.filter(stable).exclude(retiring)
            case Life.PREVIEW:
                return self.filter(beta, ~stable)
            case Life.RETIRING:
                return self.filter(retiring).exclude(status__in=Api.UNPUBLISHED_STATUSES)

    def summarised(self, actor: Actor, *, depth: int | None = None) -> Self:
        """Add what a list says of each: its deepest data, consent, and the visible versions.

        With a depth, return only the APIs whose data is that deep.
        """
        versions = ApiVersion.objects.visible_to(actor)
        operations = Operation.objects.filter(version=OuterRef("pk")).order_by("-depth")
        # One look into the index for each version; a join would sort every operation.
        deepest = versions.filter(api=OuterRef("pk")).annotate(
            deepest=Subquery(operations.values("depth")[:1])
        )
        deepest = deepest.order_by(F("deepest").desc(nulls_last=True))
        consentable = Scope.objects.filter(api_slug=OuterRef("slug")).exclude(cluster_code="")
        summarised = self.annotate(
            depth=Subquery(deepest.values("deepest")[:1]),
            needs_consent=Exists(consentable),
        ).prefetch_related(Prefetch("versions", versions.newest_first(), to_attr="shown_versions"))
        return summarised.filter(depth=depth) if depth else summarised


class Life(models.TextChoices):
    CURRENT = "current", "Current"
    PREVIEW = "preview", "Preview"
    RETIRING = "retiring", "Retiring"


class Api(Stateful):
    """An interface that the organisation offers, with an owner and a life."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        IN_REVIEW = "in_review"
        PUBLISHED = "published"
        SUSPENDED = "suspended"
        DEPRECATED = "deprecated"
        RETIRED = "retired"

    PUBLIC_STATUSES = (Status.PUBLISHED, Status.SUSPENDED, Status.DEPRECATED)
    UNPUBLISHED_STATUSES = (Status.DRAFT, Status.IN_REVIEW)

    moves = {
        Status.DRAFT: {Status.IN_REVIEW, Status.PUBLISHED},
        Status.IN_REVIEW: {Status.DRAFT, Status.PUBLISHED},
        Status.PUBLISHED: {Status.SUSPENDED, Status.DEPRECATED},
        Status.SUSPENDED: {Status.PUBLISHED, Status.DEPRECATED},
        Status.DEPRECATED: {Status.RETIRED},
        Status.RETIRED: set(),
    }

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    summary = models.CharField(max_length=300, blank=True, default="")
    sector = models.CharField(max_length=60, blank=True, default="")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="owned_apis")
    # Whom to ask about a call that fails, where partners get help, and what is promised each month.
    technical_contact = models.EmailField(blank=True, default="")
    support_url = models.URLField(max_length=300, blank=True, default="")
    slo_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    slo_latency_ms = models.PositiveIntegerField(null=True, blank=True)
    audience = models.CharField(max_length=12, choices=Audience, default=Audience.PUBLIC)
    status = models.CharField(max_length=24, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    # Present after `summarised`.
    shown_versions: list[ApiVersion]

    objects = ApiQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="api_published_is_dated",
                condition=Q(status__in=["draft", "in_review"]) | Q(published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("apis:api", args=[self.slug])


class ApiVersionQuerySet(models.QuerySet["ApiVersion"]):
    def visible_to(self, actor: Actor) -> Self:
        if actor.is_staff:
            return self
        apis = Api.objects.visible_to(actor)
        return self.filter(status__in=ApiVersion.PUBLIC_STATUSES, api__in=apis)

    def answering(self, *, at: datetime) -> Self:
        """Return what is out and has not come to its end at that instant, written down or not."""
        has_ended = Q(sunset_at__isnull=False, sunset_at__lte=at)
        return self.filter(status__in=ApiVersion.PUBLIC_STATUSES).exclude(has_ended)

    def newest_first(self) -> Self:
        """Return the version to use first: stable before preview before retiring, then by age."""
        ranks = [When(status=status, then=rank) for rank, status in enumerate(ApiVersion.RANKS)]
        return self.order_by(Case(*ranks), F("published_at").desc(nulls_last=True), "-pk")


class ApiVersion(Stateful):
    """One version of an API, with its own address, base path and operations."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        BETA = "beta"
        STABLE = "stable"
        DEPRECATED = "deprecated"
        SUNSET = "sunset"

    PUBLIC_STATUSES = (Status.BETA, Status.STABLE, Status.DEPRECATED)

    class Kind(models.TextChoices):
        REST = "rest", "REST"
        ASYNCAPI = "asyncapi", "AsyncAPI"
        GRAPHQL = "graphql", "GraphQL"
        GRPC = "grpc", "gRPC"

    RANKS = (Status.STABLE, Status.BETA, Status.DEPRECATED, Status.DRAFT, Status.SUNSET)

    moves = {
        Status.DRAFT: {Status.BETA, Status.STABLE},
        Status.BETA: {Status.STABLE, Status.DEPRECATED},
        Status.STABLE: {Status.DEPRECATED},
        # An announcement may be taken back, and an end comes by the clock.
        Status.DEPRECATED: {Status.STABLE, Status.SUNSET},
        Status.SUNSET: set(),
    }

    api = models.ForeignKey(Api, models.PROTECT, related_name="versions")
    # The address of the version, such as `v2`; the document's own number is `number`.
    label = models.SlugField(max_length=40)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.REST)
    number = models.CharField(max_length=60, blank=True, default="")
    title = models.CharField(max_length=200, blank=True, default="")
    description_html = models.TextField(blank=True, default="")
    servers = models.JSONField(default=list)
    grade = models.CharField(max_length=1, blank=True, default="")
    operation_count = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=24, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    deprecated_at = models.DateTimeField(null=True, blank=True)
    sunset_at = models.DateTimeField(null=True, blank=True)

    objects = ApiVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["api", "label"], name="api_version_label_is_unique"),
            models.CheckConstraint(
                name="api_version_published_is_dated",
                condition=Q(status="draft") | Q(published_at__isnull=False),
            ),
            # RFC 9745 §4: a version does not end before it is deprecated.
            models.CheckConstraint(
                name="api_version_ends_after_its_deprecation",
                condition=Q(sunset_at=None)
                | Q(deprecated_at=None)
                | Q(sunset_at__gte=F("deprecated_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.api} {self.label}"

    def is_deprecated(self, *, at: datetime) -> bool:
        return self.deprecated_at is not None and self.deprecated_at <= at

    def has_ended(self, *, at: datetime) -> bool:
        return self.sunset_at is not None and self.sunset_at <= at

    def get_absolute_url(self) -> str:
        return reverse("apis:version", args=[self.api.slug, self.label])


class OperationQuerySet(models.QuerySet["Operation"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(version__in=ApiVersion.objects.visible_to(actor))

    def as_rows(self) -> Self:
        """Return what a list of operations shows, without the parts that fill their pages."""
        return self.only(
            "slug",
            "method",
            "path",
            "summary",
            "tag",
            "depth",
            "scopes",
            "is_deprecated",
            "version_id",
        ).order_by("position", "pk")


class Operation(models.Model):
    """One method on one path: what it does, what it needs and what it reveals.

    `parameters`, `request_body`, `responses` and `examples` are the resolved parts of the document
    that its page shows, already cut to a size that a page can hold.
    """

    version = models.ForeignKey(ApiVersion, models.CASCADE, related_name="operations")
    # Who answers for this one route, where that is not who answers for the whole API.
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="owned_operations")
    slug = models.SlugField(max_length=120)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    summary = models.CharField(max_length=200)
    description_html = models.TextField(blank=True, default="")
    tag = models.CharField(max_length=80, blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    is_deprecated = models.BooleanField(default=False)
    depth = models.PositiveSmallIntegerField(choices=Depth, default=Depth.PUBLIC)
    # Every scope in the list is needed. A customer must agree when one of them is consentable.
    scopes = models.JSONField(default=list)
    security = models.JSONField(default=list)
    parameters = models.JSONField(default=list)
    request_body = models.JSONField(default=dict)
    responses = models.JSONField(default=list)
    examples = models.JSONField(default=dict)

    objects = OperationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "slug"], name="operation_slug_is_unique"),
            models.UniqueConstraint(
                fields=["version", "method", "path"], name="operation_route_is_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["version", "depth"], name="operation_by_depth"),
            models.Index(fields=["version", "position"], name="operation_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def get_absolute_url(self) -> str:
        return reverse(
            "apis:operation", args=[self.version.api.slug, self.version.label, self.slug]
        )

    @property
    def key(self) -> str:
        """Name the operation for field rules, usage and decisions."""
        return f"{self.version.api.slug}/{self.version.label}/{self.slug}"
