"""A customer's own consent records: what is held, and all of it to take away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Sum

from consent.arrangements import wording
from consent.arrangements.models import (
    Arrangement,
    ArrangementVersion,
    Customer,
    Item,
    Reading,
    Receipt,
)


def counts_of(customer: Customer) -> dict[str, int]:
    """Return how many records of each kind are held about the customer."""
    readings = Reading.objects.filter(arrangement__customer=customer)
    return {
        "arrangements": Arrangement.objects.filter(customer=customer).count(),
        "receipts": Receipt.objects.filter(version__arrangement__customer=customer).count(),
        "readings": readings.aggregate(total=Sum("read_count"))["total"] or 0,
    }


def records_of(customer: Customer, *, at: datetime) -> dict[str, Any]:
    """Return all consents with their versions, receipts and readings, ready for JSON."""
    user = customer.user
    arrangements = Arrangement.objects.filter(customer=customer).order_by("given_at")
    return {
        "exported_at": at,
        "person": {
            "name": user.name,
            "email": user.email,
            "language": user.locale,
            "time_zone": user.time_zone,
        },
        "arrangements": [
            arrangement_of(arrangement)
            for arrangement in arrangements.select_related("client__application__organization")
        ],
        "joint_stops": list(
            customer.joint_stops.order_by("pk").values(
                "application__name", "kind", "reference", "set_at", "lifted_at"
            )
        ),
        "receipts": list(
            Receipt.objects.filter(version__arrangement__customer=customer)
            .order_by("pk")
            .values("number", "event_kind", "sha256", "body")
        ),
        "readings": list(
            Reading.objects.filter(arrangement__customer=customer)
            .order_by("hour", "pk")
            .values(
                "arrangement_id",
                "operation_key",
                "hour",
                "cluster_codes",
                "read_count",
                "last_read_at",
            )
        ),
    }


def arrangement_of(arrangement: Arrangement) -> dict[str, Any]:
    application = arrangement.client.application
    versions = arrangement.versions.order_by("number").prefetch_related(
        "items__scope", "items__cluster", "items__purpose"
    )
    return {
        "id": arrangement.pk,
        "application": application.name,
        "organization": application.organization.name,
        "environment": arrangement.client.environment,
        "status": arrangement.status,
        "given_at": arrangement.given_at,
        "ends_at": arrangement.ends_at,
        "ended_at": arrangement.ended_at,
        "end_reason": arrangement.end_reason,
        "last_read_at": arrangement.last_read_at,
        "versions": [_version(version) for version in versions],
    }


def _version(version: ArrangementVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "change": version.change,
        "created_at": version.created_at,
        "ends_at": version.ends_at,
        "language": version.locale,
        "notice": version.notice,
        "notice_sha256": version.notice_sha256,
        "items": [_item(item) for item in version.items.all()],
    }


def _item(item: Item) -> dict[str, Any]:
    return wording.line_of_item(item) | {
        "purpose": item.purpose.title,
        "retention_days": item.retention_days,
        "fields": item.fields,
    }
