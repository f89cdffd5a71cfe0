"""What ends of the news for programs when their partner does."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from consent.signals.models import Signal
from partners.endings.steps import Step, ends_rows
from partners.organizations.models import Organization


def _signals(organization: Organization) -> QuerySet[Any]:
    return Signal.objects.filter(stream__client__application__organization=organization)


@ends_rows(Step.SIGNALS, _signals)
def delete_news(live: QuerySet[Any]) -> int:
    return live.delete()[0]
