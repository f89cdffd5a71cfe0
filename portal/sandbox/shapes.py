"""The records of the reference API: every field that its description names, and its column."""

from __future__ import annotations

from datetime import date
from typing import Any

from portal.sandbox.records import Column, Shape, day, instant, moment


def _of_prescription(at: str = "", *, group: str = "", inside: str = "") -> tuple[Column, ...]:
    """Return the fields of a prescription, or of the one that a record belongs to."""

    def column(pointer: str, source: str, writes: Any = str, reads: Any = str) -> Column:
        return Column(f"{inside}{pointer}", f"{at}{source}", writes, reads, group)

    return (
        column("/id", "pk", str, None),
        column("/status", "status"),
        column("/medicine/name", "medicine_name"),
        column("/medicine/dose", "dose"),
        column("/refills/left", "refills_left", int, int),
        column("/refills/next_due_on", "next_due_date", day, date.fromisoformat),
        column("/prescriber", "prescriber_initials"),
        column("/prescribed_on", "prescribed_date", day, date.fromisoformat),
        column("/notes", "notes"),
    )


PRESCRIPTION = Shape("rx", _of_prescription(), ("-prescribed_date", "pk"))
SUPPLY = Shape(
    "rx",
    (
        Column("/id", "pk", str, None),
        Column("/left", "refills_left", int, None),
        Column("/due_in", "next_due_date", day, None),
        Column("/collection_code", "collection_code", str, None),
    ),
    ("pk",),
)
REFILL = Shape(
    "rf",
    (
        Column("/id", "pk", str, None),
        Column("/prescription_id", "prescription_id", str, None),
        Column("/status", "status"),
        Column("/requested_at", "requested_at", instant, moment),
        Column("/ready_on", "ready_date", day, date.fromisoformat),
        Column("/pharmacy/id", "pharmacy__code", "ph_{}".format, None),
        Column("/pharmacy/name", "pharmacy__name"),
        *_of_prescription("prescription__", group="prescription", inside="/prescription"),
    ),
    ("-requested_at", "-pk"),
)
APPOINTMENT = Shape(
    "ap",
    (
        Column("/id", "pk", str, None),
        Column("/status", "status"),
        Column("/starts_at", "starts_at", instant, moment),
        Column("/ends_at", "ends_at", instant, moment),
        Column("/mode", "mode"),
        Column("/place/name", "place_name"),
        Column("/place/town", "place_town"),
    ),
    ("starts_at", "pk"),
)
AREA = Shape(
    "",
    (
        Column("/postcode_area", "postcode_area"),
        Column("/town", "town"),
        Column("/country", "country"),
    ),
    ("pk",),
)
PHARMACY = Shape(
    "ph",
    (
        Column("/id", "code", "ph_{}".format, None),
        Column("/name", "name"),
        Column("/street", "street"),
        Column("/town", "town"),
        Column("/postcode_area", "postcode_area"),
        Column("/opens_at", "opens_at"),
        Column("/closes_at", "closes_at"),
    ),
    ("name", "pk"),
)
