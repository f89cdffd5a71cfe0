"""The people whose data it is, and the name by which each application knows them."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models

from partners.applications.models import Application, Client
from portal.accounts.models import User

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
