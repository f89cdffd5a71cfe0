"""What ends of customers' agreements when their partner does."""

from __future__ import annotations

from consent.arrangements.ending import end_left_behind
from consent.arrangements.models import Arrangement, ArrangementQuerySet
from partners.endings.steps import Step, ends
from partners.organizations.models import Organization


def _left_behind(organization: Organization) -> ArrangementQuerySet:
    behind = Arrangement.objects.left_behind()
    return behind.filter(client__application__organization=organization)


@ends(Step.CONSENTS, left=lambda organization: _left_behind(organization).count())
def end_one(organization: Organization) -> int:
    """End one at a time, so that no customer waits for another; each hears of it by its event."""
    pk = _left_behind(organization).values_list("pk", flat=True).first()
    return 0 if pk is None else int(end_left_behind(pk))
