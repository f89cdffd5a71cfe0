from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from partners.organizations.models import Organization
from portal.accounts.models import User
from portal.triggers import as_written


class Agreement(models.Model):
    """What we and every partner in production agree on, by name; its words are in its versions."""

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("agreements:agreement", args=[self.code])


class VersionQuerySet(models.QuerySet["Version"]):
    def newest(self) -> Self:
        """Return the last version of each agreement, in the order of the agreements."""
        later = Version.objects.filter(
            agreement=OuterRef("agreement"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(later)).select_related("agreement").order_by("agreement")

    def owed_by(self, organization: Any) -> Self:
        """Return what binds or will bind an organization that has not accepted it, or a later one.

        `organization` is its key, or a reference to one. A change that is not material asks
        nobody: whoever accepted the words before it is bound by them still.
        """
        accepted = Acceptance.objects.filter(
            organization=organization,
            version__agreement=OuterRef("agreement"),
            version__number__gte=OuterRef("number"),
        )
        return self.filter(~Exists(accepted), is_material=True)

    def binding(self, *, at: datetime) -> Self:
        return self.filter(binding_at__lte=at)


class Version(models.Model):
    """The words of an agreement, fixed from the day on which they are published.

    `clauses` is a list of `{title, text, control}`. A material version is asked for from everybody,
    and from `binding_at` on production rests until it is accepted.
    """

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    clauses: models.JSONField[Any, Any] = models.JSONField()
    # What is different, for whoever accepted the one before.
    summary = models.CharField(max_length=500, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    is_material = models.BooleanField()
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)
    binding_at = models.DateTimeField()

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_version_once"),
            models.UniqueConstraint(
                fields=["agreement", "sha256"], name="agreement_version_is_different"
            ),
            models.CheckConstraint(
                name="agreement_binds_after_it_is_published",
                condition=Q(binding_at__gte=models.F("published_at")),
            ),
        ]
        triggers = [as_written("agreement_version_fixed")]

    def __str__(self) -> str:
        return f"{self.agreement}, version {self.number}"

    @property
    def told_clauses(self) -> Sequence[Mapping[str, str]]:
        clauses: Sequence[Mapping[str, str]] = self.clauses
        return clauses


class Acceptance(models.Model):
    """That a signer accepted exactly those words in the name of an organization."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="acceptances")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="acceptances")
    sha256 = models.CharField(max_length=64)
    signer = models.ForeignKey(User, models.PROTECT, related_name="+")
    # As the signer wrote it: what they are in the organization.
    position = models.CharField(max_length=80)
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "organization"], name="acceptance_once"),
        ]
        triggers = [as_written("acceptance_fixed")]

    def __str__(self) -> str:
        return f"{self.version_id} accepted by {self.organization_id}"
