"""What ends of registering by program when the partner does."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from consent.registration.models import InitialToken, Registration
from partners.endings.steps import Step, ends_rows
from partners.organizations.models import Organization


def _initial(organization: Organization) -> QuerySet[Any]:
    return InitialToken.objects.live(at=timezone.now()).filter(organization=organization)


def _managing(organization: Organization) -> QuerySet[Any]:
    return Registration.objects.filter(client__application__organization=organization)


@ends_rows(Step.REGISTRATIONS, _initial)
def revoke_initial(live: QuerySet[Any]) -> int:
    return live.update(revoked_at=timezone.now())


@ends_rows(Step.REGISTRATIONS, _managing)
def forget_managing(live: QuerySet[Any]) -> int:
    """Forget the tokens that manage clients; that there were some stays in the log."""
    return live.delete()[0]
