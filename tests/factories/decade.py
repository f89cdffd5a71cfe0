"""A customer who has connected apps for ten years, written in bulk."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from catalog.scopes.models import DataCluster, Purpose, Scope
from consent.arrangements.models import (
    Arrangement,
    ArrangementVersion,
    Customer,
    Item,
    Reading,
    Receipt,
)
from partners.applications.models import Application, Client
from partners.organizations.models import Organization
from portal.events.models import Event, subject_of
from tests.factories.catalog import DataClusterFactory, PurposeFactory, ScopeFactory
from tests.factories.consent import CustomerFactory
from tests.factories.partners import ApplicationFactory, ClientFactory, OrganizationFactory

YEARS = 10
OPERATION = "prescriptions/v1/listPrescriptions"


def a_decade(*, count: int = 500, running: int = 200, days_read: int = 120) -> Customer:
    """Return a customer with so many arrangements, each with two changes and readings by day.

    Every fourth of those that ended was connected again, so that it is no row of the list.
    """
    customer = CustomerFactory(user__time_zone="Europe/Vilnius")
    now = timezone.now()
    clients = _clients(count - (count - running) // 4)
    arrangements = Arrangement.objects.bulk_create(
        _arrangement(customer, clients, number, running=running, count=count, now=now)
        for number in range(count)
    )
    _versions(arrangements)
    _events(customer, arrangements)
    Reading.objects.bulk_create(
        (
            Reading(
                arrangement=arrangement,
                operation_key=OPERATION,
                hour=last - timedelta(days=day),
                cluster_codes=["pills"],
                read_count=day % 7 + 1,
                last_read_at=last - timedelta(days=day) + timedelta(minutes=30),
            )
            for arrangement in arrangements
            for last in [_last_hour(arrangement, now)]
            for day in range(days_read)
        ),
        batch_size=5000,
    )
    return customer


def _clients(count: int) -> list[Client]:
    organization: Organization = OrganizationFactory(approved=True, name="Halden Health")
    applications = Application.objects.bulk_create(
        ApplicationFactory.build_batch(count, live=True, organization=organization)
    )
    return Client.objects.bulk_create(
        ClientFactory.build(production=True, application=application)
        for application in applications
    )


def _arrangement(
    customer: Customer,
    clients: list[Client],
    number: int,
    *,
    running: int,
    count: int,
    now: datetime,
) -> Arrangement:
    is_running = number < running
    given_at = now - timedelta(days=(number * YEARS * 365 // count) % 300 + 1)
    if not is_running:
        given_at = now - timedelta(days=400 + (number * (YEARS * 365 - 400)) // count)
    ends_at = given_at + timedelta(days=365)
    return Arrangement(
        customer=customer,
        client=clients[number % len(clients)],
        status=Arrangement.Status.ACTIVE if is_running else Arrangement.Status.EXPIRED,
        version_number=2,
        given_at=given_at,
        ends_at=ends_at,
        ended_at=None if is_running else ends_at,
        end_reason="" if is_running else "expired",
        last_read_at=_last_hour_of(ends_at, now),
    )


def _versions(arrangements: list[Arrangement]) -> None:
    versions = ArrangementVersion.objects.bulk_create(
        ArrangementVersion(
            arrangement=arrangement,
            number=number,
            change="given" if number == 1 else "narrowed",
            ends_at=arrangement.ends_at,
            notice={},
            notice_sha256="0" * 64,
            locale="en",
            created_at=arrangement.given_at + timedelta(days=number),
        )
        for arrangement in arrangements
        for number in (1, 2)
    )
    words = _words()
    Item.objects.bulk_create(
        Item(
            version=version,
            scope=scope,
            cluster=cluster,
            purpose=purpose,
            why="to remind you before you run out.",
            is_required=place == 0,
            retention_days=30,
        )
        for version in versions
        for place, (scope, cluster, purpose) in enumerate(words[: 4 - version.number])
    )
    Receipt.objects.bulk_create(
        Receipt(
            number=f"MR-2016-{place:06d}",
            version=version,
            event_kind="consent.arrangement.given" if version.number == 1
            else "consent.arrangement.narrowed",
            body={},
            sha256="0" * 64,
        )
        for place, version in enumerate(versions)
    )  # fmt: skip


def _words() -> list[tuple[Scope, DataCluster, Purpose]]:
    codes = ("pills", "parcels", "visits")
    return [
        (
            ScopeFactory(name=f"{code}:read", cluster_code=code),
            DataClusterFactory(code=code, label=f"Your {code}"),
            PurposeFactory(),
        )
        for code in codes
    ]


def _events(customer: Customer, arrangements: list[Arrangement]) -> None:
    Event.objects.bulk_create(
        Event(
            kind=f"consent.arrangement.{what}",
            subject=subject_of(arrangement),
            actor=f"user:{customer.user_id}",
            person_id=customer.user_id,
            facts={"version": version, "reason": ""},
            recorded_at=arrangement.given_at + timedelta(days=version),
        )
        for arrangement in arrangements
        for version, what in ((1, "given"), (2, "narrowed"))
    )


def _last_hour(arrangement: Arrangement, now: datetime) -> datetime:
    return _last_hour_of(arrangement.ends_at, now).replace(minute=0, second=0, microsecond=0)


def _last_hour_of(ends_at: datetime, now: datetime) -> datetime:
    return min(ends_at, now) - timedelta(hours=2)
