"""What has to end with a partner, in which order, and who ends it.

The list is whole here. What a step does stands in the slice that owns the things: it registers in
its own `endings.py`, as nothing here may import a higher slice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import models

from partners.organizations.models import Organization


class Step(models.TextChoices):
    STOP = "stop", "Every call is refused"
    TOKENS = "tokens", "Access and refresh tokens are revoked"
    REQUESTS = "requests", "Codes and unfinished sign-ins are void"
    SECRETS = "secrets", "Secrets, keys and certificates are removed"
    REGISTRATIONS = "registrations", "Tokens that register clients are revoked"
    WEBHOOKS = "webhooks", "Webhooks are off, what waited is dropped"
    SIGNALS = "signals", "News for programs is deleted"
    SUBSCRIPTIONS = "subscriptions", "Subscriptions are revoked"
    CONSENTS = "consents", "Customers’ agreements have ended, and they are told"
    SIGN_INS = "sign_ins", "Customers are signed out of the applications"
    PEOPLE = "people", "Members are signed out"
    WAITING = "waiting", "Open requests and reviews are closed"
    APPLICATIONS = "applications", "Applications are closed"
    DATA_RETURN = "data_return", "The partner is asked to delete or return the data"
    PROBE = "probe", "A last look finds nothing alive"


ORDER = tuple(Step)


@dataclass(frozen=True, slots=True)
class Part:
    """Ends a portion and says how much that was, 0 when nothing is left; and counts what lives.

    Both are asked again after a crash, by another worker: ending what has ended changes nothing.
    """

    end_some: Callable[[Organization], int]
    count_left: Callable[[Organization], int]


Portion = Callable[[Organization], int]
_parts: dict[Step, list[Part]] = {}


def ends(step: Step, *, left: Callable[[Organization], int]) -> Callable[[Portion], Portion]:
    """Register a function as what ends things of this step."""

    def register(end_some: Portion) -> Portion:
        _parts.setdefault(step, []).append(Part(end_some, left))
        return end_some

    return register


def ends_rows(
    step: Step, live: Callable[[Organization], models.QuerySet[models.Model]]
) -> Callable[[Callable[[models.QuerySet[models.Model]], int]], None]:
    """Register what ends all rows of a query set in one statement and returns how many."""

    def register(end_all: Callable[[models.QuerySet[models.Model]], int]) -> None:
        ends(step, left=lambda organization: live(organization).count())(
            lambda organization: end_all(live(organization))
        )

    return register


def end_some(step: Step, organization: Organization) -> int:
    return sum(part.end_some(organization) for part in _parts.get(step, ()))


def count_left(step: Step, organization: Organization) -> int:
    return sum(part.count_left(organization) for part in _parts.get(step, ()))


def without_part() -> set[Step]:
    """Return the steps that nobody carries out."""
    return set(ORDER) - set(_parts) - {Step.PROBE}
