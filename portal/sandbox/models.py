"""The reference API's own data: synthetic people's prescriptions, refills and appointments."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consent.arrangements.models import Customer
from partners.applications.models import Application
from portal.states import Stateful


class Pharmacy(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    street = models.CharField(max_length=80)
    town = models.CharField(max_length=60)
    postcode_area = models.CharField(max_length=12)
    opens_at = models.CharField(max_length=5, default="08:00")
    closes_at = models.CharField(max_length=5, default="20:00")

    class Meta:
        verbose_name_plural = "pharmacies"

    def __str__(self) -> str:
        return self.name


class DeliveryArea(models.Model):
    """The area a customer lives in, never the address."""

    customer = models.OneToOneField(Customer, models.CASCADE, related_name="delivery_area")
    postcode_area = models.CharField(max_length=12)
    town = models.CharField(max_length=60)
    country = models.CharField(max_length=2)

    def __str__(self) -> str:
        return f"{self.postcode_area} {self.town}"


class PrescriptionQuerySet(models.QuerySet["Prescription"]):
    def of(self, customer_id: int | None) -> Self:
        """Return what the customer holds, alone or with others."""
        held = Prescription.co_holders.through.objects.filter(customer=customer_id)
        return self.filter(Q(customer=customer_id) | Q(pk__in=held.values("prescription")))


class Prescription(models.Model):
    class Status(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        ENDED = "ended"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="prescriptions")
    # Who else looks after it, such as a household's.
    co_holders = models.ManyToManyField(Customer, related_name="+", blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    medicine_name = models.CharField(max_length=80)
    dose = models.CharField(max_length=80)
    refills_left = models.PositiveSmallIntegerField()
    next_due_date = models.DateField(null=True)
    prescriber_initials = models.CharField(max_length=8)
    notes = models.CharField(max_length=300, blank=True, default="")
    prescribed_date = models.DateField()
    # Not to be shared with anybody, by the wish of who prescribed it.
    is_kept_back = models.BooleanField(default=False)
    # What the pharmacy asks for when it hands over a package.
    collection_code = models.CharField(max_length=12, blank=True, default="")

    objects = PrescriptionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"prescription {self.pk}"


class Refill(Stateful):
    """One order of a medicine, asked for by an application."""

    class Status(models.TextChoices):
        REQUESTED = "requested"
        READY = "ready"
        COLLECTED = "collected"
        CANCELLED = "cancelled"

    moves = {
        Status.REQUESTED: {Status.READY, Status.CANCELLED},
        Status.READY: {Status.COLLECTED, Status.CANCELLED},
        Status.COLLECTED: set(),
        Status.CANCELLED: set(),
    }

    OPEN = (Status.REQUESTED, Status.READY)

    prescription = models.ForeignKey(Prescription, models.CASCADE, related_name="refills")
    pharmacy = models.ForeignKey(Pharmacy, models.PROTECT, related_name="+")
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=24, choices=Status, default=Status.REQUESTED)
    requested_at = models.DateTimeField(default=timezone.now)
    ready_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prescription"],
                condition=Q(status__in=["requested", "ready"]),
                name="refill_one_open_per_prescription",
            ),
        ]

    def __str__(self) -> str:
        return f"refill {self.pk}"


class Appointment(models.Model):
    class Status(models.TextChoices):
        BOOKED = "booked"
        MOVED = "moved"
        CANCELLED = "cancelled"
        PAST = "past"

    class Mode(models.TextChoices):
        IN_PERSON = "in_person"
        PHONE = "phone"
        VIDEO = "video"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="appointments")
    status = models.CharField(max_length=12, choices=Status, default=Status.BOOKED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.IN_PERSON)
    place_name = models.CharField(max_length=80)
    place_town = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"appointment {self.pk}"
