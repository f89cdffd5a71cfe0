"""The way of a campaign that has started: ask, tell partners, and say what came of it.

Nothing here makes a sharing end. The deadline counts from the start on, by itself: in `ends_at`
for who was asked, through `due_by` for who was not. This may stop anywhere and goes on from there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from consent.arrangements.changing import ask_again
from consent.arrangements.ending import end_unasked
from consent.arrangements.holding import locked
from consent.campaigns.counting import left_to_ask, outcomes, total
from consent.campaigns.events import CampaignEvent
from consent.campaigns.models import Asked, Campaign, Told
from partners.applications.models import Application
from portal.access.actors import SYSTEM
from portal.errors import Conflict
from portal.events.log import record

BATCH = 500
# From the nearest on: who comes late tells of that alone.
STEPS = (1, 7, 30)
AFTERWARDS = 0
A_DAY = timedelta(days=1)


def carry_on() -> int:
    """Bring each running campaign as far as it can be now; return how many were asked."""
    asked = 0
    for campaign in Campaign.objects.running().order_by("deadline", "pk"):
        asked += ask_all(campaign)
        _tell_partners(campaign)
    return asked


def ask_all(campaign: Campaign) -> int:
    """Ask all who are left, each in a transaction of its own."""
    asked = 0
    while pks := list(
        left_to_ask(campaign, at=timezone.now()).values_list("pk", flat=True)[:BATCH]
    ):
        asked += sum(_ask(campaign, pk) for pk in pks)
    if campaign.asked_all_at is None:
        Campaign.objects.running().filter(pk=campaign.pk, asked_all_at=None).update(
            asked_all_at=timezone.now()
        )
        campaign.refresh_from_db()
    return asked


@transaction.atomic
def _ask(campaign: Campaign, pk: UUID) -> bool:
    arrangement, now = locked(pk), timezone.now()
    if not left_to_ask(campaign, at=now).filter(pk=pk).exists():
        return False  # It has ended, or was answered, or another worker was here.
    Asked.objects.create(campaign=campaign, arrangement=arrangement, at=now)
    how: dict[str, Any] = {"deadline": campaign.deadline, "notice": campaign.notice}
    if now < campaign.deadline:
        ask_again(arrangement, by=SYSTEM, **how)
    else:
        end_unasked(arrangement, **how)
    return True


def _tell_partners(campaign: Campaign) -> None:
    now = timezone.now()
    rows = outcomes(campaign, at=now)
    if now < campaign.deadline:
        for row in rows:
            if row["waiting_count"]:
                _tell_before(campaign, row, at=now)
        return
    for row in rows:
        _tell_after(campaign, row)
    _finish(campaign, rows)


@transaction.atomic
def _tell_before(campaign: Campaign, row: dict[str, Any], *, at: datetime) -> None:
    """Tell an application of the deadline: at once, and 30, 7 and 1 days before."""
    left = campaign.deadline - at
    said = _said(campaign, row["slug"])
    step = next((days for days in STEPS if left <= days * A_DAY), None)
    if said and (step is None or min(said) <= step):
        return
    days = step if said and step else ceil(left / A_DAY)
    _tell(
        CampaignEvent.NEARING,
        campaign,
        row["slug"],
        days=days,
        days_left=days,
        waiting_count=row["waiting_count"],
    )


@transaction.atomic
def _tell_after(campaign: Campaign, row: dict[str, Any]) -> None:
    if AFTERWARDS in _said(campaign, row["slug"]):
        return
    counts = {name: row[name] for name in total([])}
    _tell(CampaignEvent.CLOSED, campaign, row["slug"], days=AFTERWARDS, **counts)


@transaction.atomic
def _finish(campaign: Campaign, rows: list[dict[str, Any]]) -> None:
    try:
        campaign.move_to(Campaign.Status.FINISHED, ended_at=timezone.now())
    except Conflict:
        return  # Another worker was here.
    record(CampaignEvent.FINISHED, campaign, by=SYSTEM, notice=campaign.notice, **total(rows))


def _said(campaign: Campaign, slug: str) -> list[int]:
    """Hold the campaign and return what its application heard already, as days before."""
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    told = Told.objects.filter(campaign=campaign, application__slug=slug)
    return list(told.values_list("days", flat=True))


def _tell(kind: CampaignEvent, campaign: Campaign, slug: str, *, days: int, **facts: int) -> None:
    application = Application.objects.get(slug=slug)
    Told.objects.create(campaign=campaign, application=application, days=days)
    record(
        kind,
        campaign,
        by=SYSTEM,
        organization_id=application.organization_id,
        application=application.slug,
        notice=campaign.notice,
        deadline=campaign.deadline.astimezone(UTC).isoformat(),
        **facts,
    )
