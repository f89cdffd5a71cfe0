"""Meridian Prescriptions, the reference API: it keeps state, over synthetic customers' data.

Every query is narrowed to the customer of the call. Identifiers are the calling application's own
aliases, so an identifier of another application or another customer finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F

from portal.errors import Conflict, Malformed, NotFound
from portal.sandbox.aliases import alias
from portal.sandbox.models import Appointment, DeliveryArea, Pharmacy, Prescription, Refill
from portal.sandbox.requests import SandboxRequest, next_cursor


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: Any = None
    location: str = ""


class NoRefillsLeft(Conflict):
    code = "no_refills_left"


class RefillOpen(Conflict):
    code = "refill_open"


class RefillCollected(Conflict):
    code = "refill_collected"


def reply(request: SandboxRequest) -> Reply:
    """Answer one call that may pass."""
    for method, pattern, handler in _ROUTES:
        if method == request.method and (found := pattern.fullmatch(request.path)):
            return handler(request, *found.groups())
    raise NotFound("There is no such operation.")


def list_prescriptions(request: SandboxRequest) -> Reply:
    rows = Prescription.objects.filter(customer_id=request.customer_id)
    if status := request.choice("status", Prescription.Status.values):
        rows = rows.filter(status=status)
    return _page(request, rows.order_by("-prescribed_date", "pk"), _prescription)


def get_prescription(request: SandboxRequest, name: str) -> Reply:
    return Reply(200, _prescription(request, _find_prescription(request, name)))


def request_refill(request: SandboxRequest, name: str) -> Reply:
    """Ask for the next package: one open request at a time, and none once none are left."""
    wanted = request.members("pharmacy_id").get("pharmacy_id")
    pharmacies = Pharmacy.objects.order_by("pk")
    pharmacy = (
        pharmacies.filter(code=wanted.removeprefix("ph_")) if wanted else pharmacies
    ).first()
    if pharmacy is None:
        raise Malformed("We do not know this pharmacy.", errors={"pharmacy_id": ["Unknown."]})
    found = _find_prescription(request, name)
    try:
        with transaction.atomic():
            refill = Refill.objects.create(
                prescription=found, pharmacy=pharmacy, application_id=request.application_id
            )
            taken = Prescription.objects.filter(pk=found.pk, refills_left__gt=0)
            if not taken.update(refills_left=F("refills_left") - 1):
                raise NoRefillsLeft("The prescription has no refills left.")
    except IntegrityError as error:
        raise RefillOpen("An earlier request is still on its way.") from error
    refill.refresh_from_db()
    body = _refill(request, refill)
    return Reply(201, body, location=f"/prescriptions/v1/refills/{body['id']}")


def list_refills(request: SandboxRequest) -> Reply:
    return _page(request, _refills(request).order_by("-requested_at", "-pk"), _refill)


def get_refill(request: SandboxRequest, name: str) -> Reply:
    return Reply(200, _refill(request, _find(request, "rf", name, _refills(request))))


@transaction.atomic
def cancel_refill(request: SandboxRequest, name: str) -> Reply:
    """Cancel a request and give the package back; twice is the same as once."""
    refill: Refill = _find(request, "rf", name, _refills(request))
    refill = Refill.objects.select_for_update().get(pk=refill.pk)
    if refill.status == Refill.Status.COLLECTED:
        raise RefillCollected("The customer has collected it.")
    if refill.status != Refill.Status.CANCELLED:
        refill.move_to(Refill.Status.CANCELLED)
        Prescription.objects.filter(pk=refill.prescription_id).update(
            refills_left=F("refills_left") + 1
        )
    return Reply(204)


def list_appointments(request: SandboxRequest) -> Reply:
    rows = Appointment.objects.filter(customer_id=request.customer_id)
    if start := request.day("from"):
        rows = rows.filter(starts_at__gte=datetime.combine(start, datetime.min.time(), UTC))
    return _page(request, rows.order_by("starts_at", "pk"), _appointment)


def get_appointment(request: SandboxRequest, name: str) -> Reply:
    rows = Appointment.objects.filter(customer_id=request.customer_id)
    return Reply(200, _appointment(request, _find(request, "ap", name, rows)))


def get_delivery_area(request: SandboxRequest) -> Reply:
    area = DeliveryArea.objects.filter(customer_id=request.customer_id).first()
    if area is None:
        raise NotFound("This customer has no delivery area.")
    body = {"postcode_area": area.postcode_area, "town": area.town, "country": area.country}
    return Reply(200, body)


def list_pharmacies(request: SandboxRequest) -> Reply:
    rows = Pharmacy.objects.order_by("name", "pk")
    if area := request.parameters.get("postcode_area"):
        rows = rows.filter(postcode_area=area)
    return _page(request, rows, _pharmacy)


# --- Rows ------------------------------------------------------------------------------------


def _refills(request: SandboxRequest) -> models.QuerySet[Refill]:
    return Refill.objects.filter(
        prescription__customer_id=request.customer_id, application_id=request.application_id
    ).select_related("pharmacy")


def _find_prescription(request: SandboxRequest, name: str) -> Prescription:
    rows = Prescription.objects.filter(customer_id=request.customer_id)
    found: Prescription = _find(request, "rx", name, rows)
    return found


def _find(request: SandboxRequest, prefix: str, name: str, rows: Iterable[Any]) -> Any:
    """Return the customer's row that this application calls by that name."""
    for row in rows:
        if alias(prefix, row.pk, application_id=request.application_id) == name:
            return row
    raise NotFound("There is nothing here for this customer and your application.")


def _page(
    request: SandboxRequest,
    rows: models.QuerySet[Any],
    body_of: Callable[[SandboxRequest, Any], dict[str, Any]],
) -> Reply:
    limit, offset = request.limit(), request.offset()
    found = list(rows[offset : offset + limit + 1])
    more = next_cursor(offset + limit) if len(found) > limit else None
    items = [body_of(request, row) for row in found[:limit]]
    return Reply(200, {"items": items, "next_cursor": more})


# --- Bodies -----------------------------------------------------------------------------------


def _prescription(request: SandboxRequest, row: Prescription) -> dict[str, Any]:
    due = row.next_due_date.isoformat() if row.next_due_date else None
    return {
        "id": alias("rx", row.pk, application_id=request.application_id),
        "status": row.status,
        "medicine": {"name": row.medicine_name, "dose": row.dose},
        "refills": {"left": row.refills_left, "next_due_on": due},
        "prescriber": row.prescriber_initials,
        "prescribed_on": row.prescribed_date.isoformat(),
        "notes": row.notes,
    }


def _refill(request: SandboxRequest, row: Refill) -> dict[str, Any]:
    return {
        "id": alias("rf", row.pk, application_id=request.application_id),
        "prescription_id": alias("rx", row.prescription_id, application_id=request.application_id),
        "status": row.status,
        "requested_at": _instant(row.requested_at),
        "ready_on": row.ready_date.isoformat() if row.ready_date else None,
        "pharmacy": {"id": f"ph_{row.pharmacy.code}", "name": row.pharmacy.name},
    }


def _appointment(request: SandboxRequest, row: Appointment) -> dict[str, Any]:
    return {
        "id": alias("ap", row.pk, application_id=request.application_id),
        "status": row.status,
        "starts_at": _instant(row.starts_at),
        "ends_at": _instant(row.ends_at),
        "mode": row.mode,
        "place": {"name": row.place_name, "town": row.place_town},
    }


def _pharmacy(request: SandboxRequest, row: Pharmacy) -> dict[str, Any]:  # noqa: ARG001 - public
    return {
        "id": f"ph_{row.code}",
        "name": row.name,
        "street": row.street,
        "town": row.town,
        "postcode_area": row.postcode_area,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
    }


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Reply]]] = [
    ("GET", re.compile(r"/prescriptions"), list_prescriptions),
    ("GET", re.compile(r"/prescriptions/([^/]+)"), get_prescription),
    ("POST", re.compile(r"/prescriptions/([^/]+)/refills"), request_refill),
    ("GET", re.compile(r"/refills"), list_refills),
    ("GET", re.compile(r"/refills/([^/]+)"), get_refill),
    ("DELETE", re.compile(r"/refills/([^/]+)"), cancel_refill),
    ("GET", re.compile(r"/appointments"), list_appointments),
    ("GET", re.compile(r"/appointments/([^/]+)"), get_appointment),
    ("GET", re.compile(r"/delivery-area"), get_delivery_area),
    ("GET", re.compile(r"/pharmacies"), list_pharmacies),
]
