from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AbstractApplication

from catalog.plans.models import Environment
from catalog.scopes.models import Purpose, Scope
from partners.applications.profiles import (
    ALGORITHMS,
    SECRETS,
    Method,
    Profile,
    Requirements,
    requirements_of,
)
from partners.applications.redirects import is_demo, is_same_loopback, may_go_live
from partners.organizations.models import Organization
from portal.access.actors import Actor, Role
from portal.accounts.models import User
from portal.states import Stateful


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, actor: Actor) -> Self:
        """Return the applications that the actor may know about."""
        if actor.roles & {Role.ADMIN, Role.REVIEWER, Role.SECURITY}:
            return self
        return self.filter(organization__in=actor.memberships)


class Application(Stateful):
    """Software of a partner that asks for customers' data."""

    class Status(models.TextChoices):
        SANDBOX = "sandbox"
        LIVE = "live"
        SUSPENDED = "suspended"
        CLOSED = "closed"

    moves = {
        Status.SANDBOX: {Status.LIVE, Status.SUSPENDED, Status.CLOSED},
        Status.LIVE: {Status.SUSPENDED, Status.CLOSED},
        Status.SUSPENDED: {Status.SANDBOX, Status.LIVE, Status.CLOSED},
        Status.CLOSED: set(),
    }

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="applications")
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=60)
    tagline = models.CharField(max_length=120)
    homepage_url = models.URLField(max_length=200, blank=True, default="")
    privacy_url = models.URLField(max_length=200, blank=True, default="")
    status = models.CharField(max_length=24, choices=Status, default=Status.SANDBOX)
    registered_at = models.DateTimeField(default=timezone.now)
    live_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"], name="application_name_is_unique"
            ),
            models.CheckConstraint(
                name="application_live_is_dated",
                condition=~Q(status="live") | Q(live_at__isnull=False),
            ),
            models.CheckConstraint(
                name="application_suspended_iff_dated",
                condition=Q(status="suspended", suspended_at__isnull=False)
                | ~Q(status="suspended") & Q(suspended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="application_closed_iff_dated",
                condition=Q(status="closed", closed_at__isnull=False)
                | ~Q(status="closed") & Q(closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("applications:application", args=[self.slug])


class Client(AbstractApplication):
    """An application's identity at the authorization server, one for each environment.

    Swapped in for the OAuth engine's application from the first migration. Secrets are not kept
    here: see `Credential`. `redirect_uris` holds exact addresses, separated by spaces.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="clients")
    environment = models.CharField(max_length=12, choices=Environment)
    profile = models.CharField(max_length=24, choices=Profile, default=Profile.SANDBOX)
    # Empty: any way that the profile allows. Names as in RFC 7591 and the engine's next release.
    token_endpoint_auth_method = models.CharField(
        max_length=30, choices=Method, blank=True, default=""
    )
    client_jwks = models.JSONField(null=True, blank=True)
    client_jwks_uri = models.URLField(max_length=500, blank=True, default="")
    tls_client_auth_subject_dn = models.CharField(max_length=500, blank=True, default="")
    dpop_bound_access_tokens = models.BooleanField(default=False)
    # The types of single cases that it asks for (RFC 9396 §10); empty: those of all its scopes.
    authorization_details_types = models.JSONField(default=list)
    id_token_signed_response_alg = models.CharField(
        max_length=8, choices=[(name, name) for name in ALGORITHMS], default=ALGORITHMS[0]
    )
    # Where we tell that somebody signed out; empty: nowhere.
    backchannel_logout_uri = models.URLField(max_length=500, blank=True, default="")

    class Meta(AbstractApplication.Meta):
        abstract = False
        swappable = "OAUTH2_PROVIDER_APPLICATION_MODEL"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "environment"], name="client_once_per_environment"
            ),
        ]

    def __str__(self) -> str:
        return str(self.client_id)

    @property
    def is_live(self) -> bool:
        """Whether the application's and its organization's state let this client work now."""
        if self.application.organization.status in {
            Organization.Status.SUSPENDED,
            Organization.Status.CLOSED,
        }:
            return False
        live = {Application.Status.LIVE}
        if self.is_sandbox:
            live.add(Application.Status.SANDBOX)
        elif not self.application.organization.is_cleared(at=timezone.now()):
            return False
        return self.application.status in live

    @property
    def requirements(self) -> Requirements:
        return requirements_of(self.profile)

    @property
    def takes_secrets(self) -> bool:
        """Whether the profile lets a secret prove who this client is."""
        return bool(self.requirements.methods & SECRETS)

    @property
    def has_keys(self) -> bool:
        """Whether a key or a certificate could prove who this client is."""
        return bool(self.client_jwks or self.client_jwks_uri or self.tls_client_auth_subject_dn)

    @property
    def is_sandbox(self) -> bool:
        return self.environment == Environment.SANDBOX

    def redirect_uri_allowed(self, uri: str) -> bool:
        """Whether a customer's browser may be sent there with an answer for this client."""
        registered = self.redirect_uris.split()
        if self.is_sandbox:
            return uri in registered or is_same_loopback(uri, registered)
        return uri in registered and may_go_live(uri)

    def get_allowed_schemes(self) -> list[str]:
        """Name what the engine may redirect to; `redirects` says which hosts that is for."""
        return ["https", "http"] if self.is_sandbox or is_demo() else ["https"]

    def is_usable(self, request: object) -> bool:  # noqa: ARG002 - the engine's signature
        return self.is_live


class CredentialQuerySet(models.QuerySet["Credential"]):
    def live(self, *, at: datetime) -> Self:
        return self.filter(revoked_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=at))


class Credential(models.Model):
    """A client secret: shown once, kept as a keyed digest, at most two live for one client."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="credentials")
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CredentialQuerySet.as_manager()

    def __str__(self) -> str:
        return f"…{self.hint}"


class DataUse(models.Model):
    """What an application wants a scope for, in the words that a customer will read.

    A scope that opens no customer data needs no purpose and is kept for no time.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="data_uses")
    scope = models.ForeignKey(Scope, models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="+")
    # Reads on after "Why:", such as "to remind you before you run out."
    why = models.CharField(max_length=160, blank=True, default="")
    is_required = models.BooleanField(default=False)
    retention_days = models.PositiveIntegerField(default=0)
    # For how long a customer may be asked to share at most, and how far back dated data may go.
    max_days = models.PositiveSmallIntegerField(default=365)
    look_back_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "scope"], name="data_use_once_per_scope"
            ),
            models.CheckConstraint(
                name="data_use_at_most_a_year", condition=Q(max_days__gte=1, max_days__lte=365)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} uses {self.scope_id}"
