"""The words about rights, wherever they are said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.scopes.models import DataCluster
from consent.arrangements.models import ALL_DATA
from consent.arrangements.moments import day, moment
from consent.rights.models import DataRequest, Task

__all__ = ["OFFERS", "day", "moment"]
Kind = DataRequest.Kind


@dataclass(frozen=True, slots=True)
class Offer:
    """A right as the customer's page offers it: what it is, and what pressing leads to."""

    title: str
    text: str
    action: str
    icon: str


OFFERS: Mapping[str, Offer] = {
    Kind.ACCESS: Offer(
        "Get a copy of everything",
        "All that Meridian holds about you, to read and for programs. It takes a few minutes.",
        "Make a copy",
        "download",
    ),
    Kind.PORTABILITY: Offer(
        "Take your data to another service",
        "Your account and what you agreed to, in a form that programs read.",
        "Make a file",
        "external",
    ),
    Kind.RECTIFICATION: Offer(
        "Correct something",
        "Tell us what is wrong. We have it put right, and tell the apps that read it.",
        "Ask for a correction",
        "edit",
    ),
    Kind.RESTRICTION: Offer(
        "Pause the use of your data",
        "Apps get nothing of it until you say so. Nothing is deleted, and no app is disconnected.",
        "Pause",
        "stop",
    ),
    Kind.OBJECTION: Offer(
        "Object to something we do",
        "We stop, or tell you which compelling reason we have not to.",
        "Object",
        "x-circle",
    ),
    Kind.REVIEW: Offer(
        "Have a person look again",
        "If a program decided something about you, somebody here looks at it anew.",
        "Ask for a second look",
        "user",
    ),
    Kind.COMPLAINT: Offer(
        "Complain",
        "Something is not right? Tell our privacy officer.",
        "Write a complaint",
        "flag",
    ),
    Kind.ERASURE: Offer(
        "Close your account and erase your data",
        "All sharing stops, every app is asked to delete, and Meridian forgets you.",
        "Close the account",
        "trash",
    ),
}

STATES = {
    "received": ("Received", "info"),
    "in_progress": ("We are at it", "info"),
    "completed": ("Done", "success"),
    "refused": ("Turned down", "warning"),
    "cancelled": ("Taken back", "neutral"),
}
TASK_STATES = {
    "pending": ("Asked", "info"),
    "overdue": ("Late", "danger"),
    "done": ("Done", "success"),
    "exempt": ("Need not", "note"),
    "moot": ("No longer needed", "neutral"),
}
STEPS = {
    "dsr.received": "You asked",
    "dsr.extended": "We took two more months",
    "dsr.read": "Somebody here read it",
    "dsr.completed": "It was done",
    "dsr.refused": "It was turned down",
    "dsr.cancelled": "You took it back",
    "dsr.copy_built": "The copy was made",
    "dsr.copy_fetched": "You fetched the copy",
    "dsr.copy_removed": "The copy was deleted",
    "dsr.held": "The law made us keep your records for now",
    "dsr.released": "We no longer have to keep your records",
    "dsr.lifting_announced": "We told you when the pause ends",
    "dsr.restriction_lifted": "The pause ended",
}


def task_state(task: Task, *, at: datetime) -> tuple[str, str]:
    """Return the state in a word and its tone; late is late whether or not a job wrote it down."""
    return TASK_STATES[Task.Status.OVERDUE if task.is_late(at=at) else task.status]


def labels_of(codes: Collection[str]) -> list[str]:
    """Return what codes of data are called; of all data, one phrase."""
    return named(codes, labels_by_code(codes))


def labels_by_code(codes: Collection[str]) -> dict[str, str]:
    known = DataCluster.objects.filter(superseded_at=None, code__in=codes)
    return dict(known.values_list("code", "label"))


def named(codes: Collection[str], labels: Mapping[str, str]) -> list[str]:
    if ALL_DATA in codes:
        return ["All data"]
    return sorted(labels.get(code, code) for code in codes)


def recipients(request: DataRequest) -> str:
    tasks = Task.objects.filter(request=request).select_related("application__organization")
    names = {f"{task.application.name} ({task.application.organization.name})" for task in tasks}
    return ", ".join(sorted(names)) or "No app"
