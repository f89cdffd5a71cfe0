"""The words about rights, wherever they are said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.scopes.languages import label_of
from catalog.scopes.models import DataCluster
from consent.arrangements.models import ALL_DATA
from consent.arrangements.moments import day, moment
from consent.rights.models import DataRequest, Task

__all__ = ["OFFERS", "day", "moment"]
Kind = DataRequest.Kind


@dataclass(frozen=True, slots=True)
class Offer:
    """A right as the customer's page offers it: what it is, and what pressing leads to."""

    title: Promise
    text: Promise
    action: Promise
    icon: str


OFFERS: Mapping[str, Offer] = {
    Kind.ACCESS: Offer(
        _("Get a copy of everything"),
        _("All that Meridian holds about you, to read and for programs. It takes a few minutes."),
        _("Make a copy"),
        "download",
    ),
    Kind.PORTABILITY: Offer(
        _("Take your data to another service"),
        _("Your account and what you agreed to, in a form that programs read."),
        _("Make a file"),
        "external",
    ),
    Kind.RECTIFICATION: Offer(
        _("Correct something"),
        _("Tell us what is wrong. We have it put right, and tell the apps that read it."),
        _("Ask for a correction"),
        "edit",
    ),
    Kind.RESTRICTION: Offer(
        _("Pause the use of your data"),
        _(
            "Apps get nothing of it until you say so. "
            "Nothing is deleted, and no app is disconnected."
        ),
        _("Pause"),
        "stop",
    ),
    Kind.OBJECTION: Offer(
        _("Object to something we do"),
        _("We stop, or tell you which compelling reason we have not to."),
        _("Object"),
        "x-circle",
    ),
    Kind.REVIEW: Offer(
        _("Have a person look again"),
        _("If a program decided something about you, somebody here looks at it anew."),
        _("Ask for a second look"),
        "user",
    ),
    Kind.COMPLAINT: Offer(
        _("Complain"),
        _("Something is not right? Tell our privacy officer."),
        _("Write a complaint"),
        "flag",
    ),
    Kind.ERASURE: Offer(
        _("Close your account and erase your data"),
        _("All sharing stops, every app is asked to delete, and Meridian forgets you."),
        _("Close the account"),
        "trash",
    ),
}

STATES = {
    "received": (_("Received"), "info"),
    "in_progress": (_("We are at it"), "info"),
    "completed": (_("Done"), "success"),
    "refused": (_("Turned down"), "warning"),
    "cancelled": (_("Taken back"), "neutral"),
}
TASK_STATES = {
    "pending": (_("Asked"), "info"),
    "overdue": (_("Late"), "danger"),
    "done": (_("Done"), "success"),
    "exempt": (_("Need not"), "note"),
    "moot": (_("No longer needed"), "neutral"),
}
STEPS = {
    "dsr.received": _("You asked"),
    "dsr.extended": _("We took two more months"),
    "dsr.read": _("Somebody here read it"),
    "dsr.completed": _("It was done"),
    "dsr.refused": _("It was turned down"),
    "dsr.cancelled": _("You took it back"),
    "dsr.copy_built": _("The copy was made"),
    "dsr.copy_fetched": _("You fetched the copy"),
    "dsr.copy_removed": _("The copy was deleted"),
    "dsr.held": _("The law made us keep your records for now"),
    "dsr.released": _("We no longer have to keep your records"),
    "dsr.lifting_announced": _("We told you when the pause ends"),
    "dsr.restriction_lifted": _("The pause ended"),
}


def task_state(task: Task, *, at: datetime) -> tuple[Promise, str]:
    """Return the state in a word and its tone; late is late whether or not a job wrote it down."""
    return TASK_STATES[Task.Status.OVERDUE if task.is_late(at=at) else task.status]


def labels_of(codes: Collection[str]) -> list[str]:
    """Return what codes of data are called; of all data, one phrase."""
    return named(codes, labels_by_code(codes))


def labels_by_code(codes: Collection[str]) -> dict[str, str]:
    known = DataCluster.objects.filter(superseded_at=None, code__in=codes)
    rows = known.values_list("code", "label", "translations")
    return {code: label_of(label, translations) for code, label, translations in rows}


def named(codes: Collection[str], labels: Mapping[str, str]) -> list[str]:
    if ALL_DATA in codes:
        return [gettext("All data")]
    return sorted(labels.get(code, code) for code in codes)


def recipients(request: DataRequest) -> str:
    tasks = Task.objects.filter(request=request).select_related("application__organization")
    names = {f"{task.application.name} ({task.application.organization.name})" for task in tasks}
    return ", ".join(sorted(names)) or gettext("No app")
