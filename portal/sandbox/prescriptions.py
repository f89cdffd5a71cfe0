"""Meridian Prescriptions, the reference API: it keeps state, over synthetic customers' data.

Every query is narrowed to the customer of the call and asks for shared fields only. Identifiers are
names that the gateway's projection makes for one application and customer, so one of another
application or another customer finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from consent.gateway.things import references_of
from consent.oauth import foreign
from portal.errors import Conflict, Malformed, NotFound
from portal.sandbox import shapes
from portal.sandbox.aliases import alias, looks_like_alias
from portal.sandbox.keeping import KIND
from portal.sandbox.models import Appointment, DeliveryArea, Pharmacy, Prescription, Refill
from portal.sandbox.neighbours import people_by_town
from portal.sandbox.records import Reply, Shape, one, page, sees
from portal.sandbox.requests import FieldNotConsented, SandboxRequest


class NoRefillsLeft(Conflict):
    code = "no_refills_left"


class RefillOpen(Conflict):
    code = "refill_open"


class RefillNotPossible(Conflict):
    """Nothing can be asked for, and why is not the application's to know."""

    code = "refill_not_possible"


class RefillCollected(Conflict):
    code = "refill_collected"


def reply(request: SandboxRequest) -> Reply:
    """Answer one call that may pass."""
    method = "GET" if request.method == "HEAD" else request.method
    for verb, pattern, handler in _ROUTES:
        if verb == method and (found := pattern.fullmatch(request.path)):
            return handler(request, *found.groups())
    raise NotFound("There is no such operation.")


def list_prescriptions(request: SandboxRequest) -> Reply:
    rows = _prescriptions(request)
    if "status" in request.parameters:
        _require(request, "/items/*/status")
        rows = rows.filter(status=request.choice("status", Prescription.Status.values))
    return page(request, shapes.PRESCRIPTION, rows)


def get_prescription(request: SandboxRequest, name: str) -> Reply:
    return _one(request, shapes.PRESCRIPTION, _prescriptions(request), name)


def list_supplies(request: SandboxRequest) -> Reply:
    rows = _prescriptions(request).exclude(status=Prescription.Status.ENDED)
    return page(request, shapes.SUPPLY, rows)


def request_refill(request: SandboxRequest, name: str) -> Reply:
    """Ask for the next package: one open request at a time, and none once none are left."""
    wanted = request.members("pharmacy_id").get("pharmacy_id")
    pharmacies = Pharmacy.objects.order_by("pk")
    pharmacy = (
        pharmacies.filter(code=wanted.removeprefix("ph_")) if wanted else pharmacies
    ).first()
    if pharmacy is None:
        raise Malformed("We do not know this pharmacy.", errors={"pharmacy_id": ["Unknown."]})
    prescription_id = _find(request, "rx", name, _prescriptions(request))
    try:
        with transaction.atomic():
            refill = Refill.objects.create(
                prescription_id=prescription_id,
                pharmacy=pharmacy,
                application_id=request.application_id,
            )
            _take_one(prescription_id)
    except IntegrityError as error:
        raise _not_possible(request, prescription_id) from error
    except NoRefillsLeft as error:
        raise _not_possible(request, prescription_id, known=error) from error
    body = one(request, shapes.REFILL, Refill.objects.all(), refill.pk)
    own_name = alias("rf", str(refill.pk), subject=request.answer.subject)
    return Reply(201, body, location=f"/prescriptions/v1/refills/{own_name}")


def list_refills(request: SandboxRequest) -> Reply:
    return page(request, shapes.REFILL, _refills(request))


def get_refill(request: SandboxRequest, name: str) -> Reply:
    return _one(request, shapes.REFILL, _refills(request), name)


@transaction.atomic
def cancel_refill(request: SandboxRequest, name: str) -> Reply:
    """Cancel a request and give the package back; twice is the same as once."""
    pk = _find(request, "rf", name, _refills(request))
    refill = Refill.objects.select_for_update().get(pk=pk)
    if refill.status == Refill.Status.COLLECTED:
        raise RefillCollected("The customer has collected it.")
    if refill.status != Refill.Status.CANCELLED:
        refill.move_to(Refill.Status.CANCELLED)
        Prescription.objects.filter(pk=refill.prescription_id).update(
            refills_left=F("refills_left") + 1
        )
    return Reply(204)


def list_appointments(request: SandboxRequest) -> Reply:
    rows = _appointments(request)
    if "from" in request.parameters:
        _require(request, "/items/*/starts_at")
        if start := request.day("from"):
            rows = rows.filter(starts_at__gte=datetime.combine(start, datetime.min.time(), UTC))
    return page(request, shapes.APPOINTMENT, rows)


def get_appointment(request: SandboxRequest, name: str) -> Reply:
    rows = _appointments(request)
    return _one(request, shapes.APPOINTMENT, rows, name)


def get_delivery_area(request: SandboxRequest) -> Reply:
    rows = DeliveryArea.objects.filter(customer_id=request.customer_id)
    pk = rows.values_list("pk", flat=True).first()
    if pk is None:
        raise NotFound("This customer has no delivery area.")
    return Reply(200, one(request, shapes.AREA, rows, pk))


def count_people(request: SandboxRequest) -> Reply:
    counts = people_by_town(
        request.answer.client_id, request.answer.operation_key, at=timezone.now()
    )
    towns = [{"town": town, "people": people} for town, people in counts.items()]
    return Reply(200, {"people": sum(counts.values()), "towns": towns})


def list_pharmacies(request: SandboxRequest) -> Reply:
    rows = Pharmacy.objects.all()
    if area := request.parameters.get("postcode_area"):
        rows = rows.filter(postcode_area=area)
    return page(request, shapes.PHARMACY, rows)


def _prescriptions(request: SandboxRequest) -> models.QuerySet[Prescription]:
    rows = Prescription.objects.of(request.customer_id).filter(is_kept_back=False)
    picked = references_of(KIND, request.answer.resources)
    if picked is not None:
        rows = rows.filter(pk__in=picked)
    since = request.answer.history_from
    # What was prescribed on that day counts, whatever the hour was.
    return rows.filter(prescribed_date__gte=since.astimezone(UTC).date()) if since else rows


def _refills(request: SandboxRequest) -> models.QuerySet[Refill]:
    rows = Refill.objects.filter(
        prescription__in=_prescriptions(request), application_id=request.application_id
    )
    since = request.answer.history_from
    return rows.filter(requested_at__gte=since) if since else rows


def _appointments(request: SandboxRequest) -> models.QuerySet[Appointment]:
    rows = Appointment.objects.filter(customer_id=request.customer_id)
    since = request.answer.history_from
    return rows.filter(starts_at__gte=since) if since else rows


def _one(request: SandboxRequest, shape: Shape, rows: models.QuerySet[Any], name: str) -> Reply:
    return Reply(200, one(request, shape, rows, _find(request, shape.kind, name, rows)))


def _find(request: SandboxRequest, kind: str, name: str, rows: models.QuerySet[Any]) -> int:
    """Return the customer's row that this application calls by that name."""
    found = 0
    # All of them, always: how long it takes says nothing about which one it was.
    for pk in rows.values_list("pk", flat=True):
        if alias(kind, str(pk), subject=request.answer.subject) == name:
            found = pk
    if not found:
        if looks_like_alias(kind, name):
            foreign.note(request.answer.client_id, foreign.Kind.RESOURCE, name)
        raise NotFound("There is nothing here for this customer and your application.")
    return found


def _take_one(prescription_id: int) -> None:
    rows = Prescription.objects.filter(pk=prescription_id, refills_left__gt=0)
    if not rows.update(refills_left=F("refills_left") - 1):
        raise NoRefillsLeft("The prescription has no refills left.")


def _require(request: SandboxRequest, pointer: str) -> None:
    if not sees(request, pointer):
        raise FieldNotConsented


def _not_possible(
    request: SandboxRequest, prescription_id: int, *, known: Conflict | None = None
) -> Conflict:
    """Return why not, as far as the application may know it.

    A request of its own it knows. How many packages are left, and what the customer asked for
    through others, is told to who may read the first and to nobody.
    """
    own = _refills(request).filter(prescription_id=prescription_id, status__in=Refill.OPEN)
    if own.exists():
        return RefillOpen("An earlier request is still on its way.")
    if known is not None and "prescriptions:read" in request.answer.scopes:
        return known
    return RefillNotPossible("Nothing can be asked for on this prescription now.")


_ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Reply]]] = [
    ("GET", re.compile(r"/prescriptions"), list_prescriptions),
    ("GET", re.compile(r"/prescriptions/([^/]+)"), get_prescription),
    ("POST", re.compile(r"/prescriptions/([^/]+)/refills"), request_refill),
    ("GET", re.compile(r"/supplies"), list_supplies),
    ("GET", re.compile(r"/refills"), list_refills),
    ("GET", re.compile(r"/refills/([^/]+)"), get_refill),
    ("DELETE", re.compile(r"/refills/([^/]+)"), cancel_refill),
    ("GET", re.compile(r"/appointments"), list_appointments),
    ("GET", re.compile(r"/appointments/([^/]+)"), get_appointment),
    ("GET", re.compile(r"/delivery-area"), get_delivery_area),
    ("GET", re.compile(r"/people-by-town"), count_people),
    ("GET", re.compile(r"/pharmacies"), list_pharmacies),
]
