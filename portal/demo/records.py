"""What the reference API knows about the demo's customers: all of it made up."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from consent.arrangements.models import Customer
from portal.sandbox.models import Appointment, DeliveryArea, Pharmacy, Prescription

PHARMACIES = [
    ("harbour", "Harbour Pharmacy", "12 Harbour Street", "Vilnius", "LT-01"),
    ("old-town", "Old Town Pharmacy", "3 Cathedral Lane", "Vilnius", "LT-01"),
    ("north", "Northgate Pharmacy", "88 Northgate", "Vilnius", "LT-08"),
    ("riverside", "Riverside Pharmacy", "5 Mill Quay", "Kaunas", "LT-44"),
]
MEDICINES = [
    ("Amlodipine 5 mg tablets", "1 tablet, once a day", 3, 17, "active", "Take it in the morning."),
    ("Metformin 500 mg tablets", "1 tablet, twice a day", 2, 9, "active", "With a meal."),
    ("Cetirizine 10 mg tablets", "1 tablet, when needed", 0, None, "paused", ""),
    ("Amoxicillin 500 mg capsules", "1 capsule, three times a day", 0, None, "ended", ""),
]


def stock_pharmacies() -> None:
    Pharmacy.objects.bulk_create(
        Pharmacy(code=code, name=name, street=street, town=town, postcode_area=area)
        for code, name, street, town, area in PHARMACIES
    )


def give_records(customer: Customer, *, medicine_count: int, now: datetime) -> None:
    """Give a customer prescriptions, a delivery area and two coming visits."""
    today = now.date()
    for number, (name, dose, left, due_in, status, note) in enumerate(MEDICINES[:medicine_count]):
        Prescription.objects.create(
            customer=customer,
            medicine_name=name,
            dose=dose,
            refills_left=left,
            next_due_date=_in_days(today, due_in),
            status=status,
            notes=note,
            prescriber_initials="H. O.",
            prescribed_date=today - timedelta(days=75),
            collection_code=f"{customer.pk:04}-{name[:2].upper()}{number}",
        )
    DeliveryArea.objects.create(
        customer=customer, postcode_area="LT-01", town="Vilnius", country="LT"
    )
    for days, hour in ((7, 8), (41, 13)):
        starts_at = (now + timedelta(days=days)).replace(
            hour=hour, minute=20, second=0, microsecond=0
        )
        Appointment.objects.create(
            customer=customer,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=20),
            place_name="Northgate Clinic",
            place_town="Vilnius",
        )


def share_a_household(first: Customer, second: Customer, *, now: datetime) -> None:
    """Give two people one prescription that both look after."""
    syrup = Prescription.objects.create(
        customer=first,
        medicine_name="Ibuprofen 100 mg syrup, for the family",
        dose="5 ml, when needed",
        refills_left=1,
        next_due_date=None,
        prescriber_initials="H. O.",
        prescribed_date=now.date() - timedelta(days=70),
        collection_code=f"{first.pk:04}-IB9",
    )
    syrup.co_holders.add(second)


def _in_days(day: date, days: int | None) -> date | None:
    return None if days is None else day + timedelta(days=days)
