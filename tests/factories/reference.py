"""The reference API as it is published, a sandbox client that may ask for all of it, and people.

Every value of every record is one that stands nowhere else, so that a test finds it wherever it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.test import RequestFactory
from django.utils import timezone

from catalog.plans.models import Limit
from catalog.scopes.models import DataCluster, Scope
from catalog.specs.actions import import_document
from consent.arrangements.models import Arrangement, Customer
from consent.oauth.models import AccessToken
from partners.applications.models import Client
from partners.subscriptions.access import uses_of
from portal.access.actors import SYSTEM
from portal.sandbox.models import Appointment, DeliveryArea, Pharmacy, Prescription
from portal.sandbox.views import call
from portal.secrets import digest, new_secret
from tests.factories.consent import CustomerFactory, share
from tests.factories.descriptions import DESCRIPTIONS
from tests.factories.partners import ClientFactory, DataUseFactory
from tests.factories.publishing import published

DESCRIBED = DESCRIPTIONS["prescriptions.v1.yaml"]
SCOPES = sorted(scope.name for scope in DESCRIBED.vocabulary.scopes if scope.cluster)


@dataclass
class Reference:
    """Somebody who shares with a client, and the calls that the client makes."""

    client: Client
    customer: Customer
    arrangement: Arrangement | None = None
    token: str = ""
    records: dict[str, int] = field(default_factory=dict)

    def share(self, *scopes: str) -> str:
        """Let the customer agree to these scopes; return a token for all of them."""
        uses = [use for use in uses_of(self.client, at=timezone.now()) if use.scope in scopes]
        self.arrangement = share(self.customer, self.client, uses=uses)
        self.token = token_for(self.client, self.arrangement, scopes)
        return self.token

    def call(
        self, path: str, *, method: str = "GET", token: str = "", version: str = "v1", **sent: Any
    ) -> Any:
        """Call the sandbox below its middleware, with the decision and all that follows it."""
        headers = {
            "Authorization": f"Bearer {token or self.token}",
            **sent.pop("headers", {}),
        }
        address = f"/sandbox/prescriptions/{version}{path}"
        request: Any = RequestFactory().generic(method, address, headers=headers, **sent)
        rest = address.partition("?")[0].removeprefix(f"/sandbox/prescriptions/{version}/")
        return call(request, "prescriptions", version, rest)

    def get(self, path: str, **how: Any) -> Any:
        return self.call(path, **how)


def publish_reference() -> None:
    revision = import_document(DESCRIBED.raw, by=SYSTEM, source="test")
    published(revision.version)
    # Who asks for everything asks faster than the sandbox's plan allows.
    Limit.objects.all().delete()


def make_reference(*, mark: str = "one", client: Client | None = None) -> Reference:
    """Return a client and a customer with records; `mark` is in every value of theirs."""
    if not Scope.objects.filter(name="prescriptions:read").exists():
        publish_reference()
    client = client or reference_client()
    customer = CustomerFactory(is_test=True)
    return Reference(client, customer, records=give_records(customer, mark))


def reference_client() -> Client:
    """Return a sandbox client whose application wants every scope, and needs none of them."""
    client: Client = ClientFactory()
    for scope in Scope.objects.filter(api_slug="prescriptions"):
        cluster = DataCluster.objects.current().filter(code=scope.cluster_code).first()
        DataUseFactory(
            application=client.application,
            scope=scope,
            purpose=cluster.purposes.first() if cluster else None,
            is_required=False,
            retention_days=0,
        )
    return client


def give_records(customer: Customer, mark: str) -> dict[str, int]:
    pharmacy, _ = Pharmacy.objects.get_or_create(
        code="harbour",
        defaults={
            "name": "Harbour Pharmacy",
            "street": "1 Harbour",
            "town": "Vilnius",
            "postcode_area": "LT-01",
        },
    )
    first, second = (
        Prescription.objects.create(
            customer=customer,
            status=status,
            medicine_name=f"medicine-{mark}-{number}",
            dose=f"dose-{mark}-{number}",
            refills_left=41 + number,
            next_due_date=date(2031, 5, 17 + number),
            prescriber_initials=f"P{mark[:4]}{number}",
            notes=f"note-{mark}-{number}",
            prescribed_date=date(2029, 8, 11 + number),
            collection_code=f"{mark[:8]}{number}Q7",
        )
        for number, status in ((1, "active"), (2, "paused"))
    )
    DeliveryArea.objects.create(
        customer=customer, postcode_area=f"A-{mark[:8]}", town="Vilnius", country="QX"
    )
    starts_at = datetime(2032, 7, 9, 6, 13, tzinfo=UTC)
    visit = Appointment.objects.create(
        customer=customer,
        status="moved",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=23),
        mode="video",
        place_name=f"clinic-{mark}",
        place_town=f"place-{mark}",
    )
    return {"first": first.pk, "second": second.pk, "visit": visit.pk, "pharmacy": pharmacy.pk}


def token_for(client: Client, arrangement: Arrangement, scopes: Any) -> str:
    raw = new_secret("mat_")
    token = AccessToken(
        user=arrangement.customer.user,
        application=client,
        token=digest(raw),
        expires=timezone.now() + timedelta(minutes=5),
        scope=" ".join(scopes),
        arrangement=arrangement,
        version_number=arrangement.version_number,
        epoch=arrangement.epoch,
    )
    token.save()
    AccessToken.objects.filter(pk=token.pk).update(token_checksum=digest(raw))
    return raw
