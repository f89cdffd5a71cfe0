"""Plan to ask anew, start, or drop the plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.scopes.models import Purpose
from consent.campaigns.events import CampaignEvent
from consent.campaigns.models import Campaign
from consent.notices.models import Notice
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Malformed
from portal.events.hints import hint
from portal.events.log import record

# How long customers have at least: who is away for a fortnight comes back to a question.
LEAST = timedelta(days=14)
MOST = timedelta(days=365)
MAX_SUMMARY = 300


class NothingChanged(Malformed):
    """What nobody has to agree to anew, or cannot agree to yet."""

    code = "nothing_changed"


class TooSoon(Malformed):
    code = "deadline_too_soon"


@transaction.atomic
def plan_campaign(
    *,
    by: Actor,
    kind: str,
    code: str,
    version: int,
    summary: Mapping[str, str],
    deadline: datetime,
) -> Campaign:
    """Keep a plan, which asks nobody; what it would do can be counted."""
    require(by, Permission.ASK_AGAIN)
    if not summary.get("en") or any(len(text) > MAX_SUMMARY for text in summary.values()):
        raise Malformed(
            f"Say in English at least, in up to {MAX_SUMMARY} characters, what changed."
        )
    now = timezone.now()
    _require_change(kind, code, version, at=now)
    _require_time(deadline, at=now)
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(
                kind=kind,
                code=code,
                version=version,
                summary={name: text for name, text in summary.items() if text},
                deadline=deadline,
            )
    except IntegrityError as error:
        raise Conflict("There is a campaign for this already.", code="campaign_exists") from error
    _record(CampaignEvent.PLANNED, campaign, by=by)
    return campaign


@transaction.atomic
def start_campaign(campaign: Campaign, *, by: Actor) -> None:
    """Ask all whom it concerns; the deadline counts from now on, whenever each is reached."""
    require(by, Permission.ASK_AGAIN)
    now = timezone.now()
    _require_change(campaign.kind, campaign.code, campaign.version, at=now)
    _require_time(campaign.deadline, at=now)
    campaign.move_to(Campaign.Status.RUNNING, started_at=now)
    _record(CampaignEvent.STARTED, campaign, by=by)
    transaction.on_commit(lambda: hint("consent.campaigns.tasks.carry_on"))


@transaction.atomic
def cancel_campaign(campaign: Campaign, *, by: Actor) -> None:
    """Drop a plan. What has started cannot be taken back: customers have read their deadline."""
    require(by, Permission.ASK_AGAIN)
    campaign.move_to(Campaign.Status.CANCELLED, ended_at=timezone.now())
    _record(CampaignEvent.CANCELLED, campaign, by=by)


def _require_change(kind: str, code: str, version: int, *, at: datetime) -> None:
    """Refuse to ask about what a customer would not be shown when they answer now."""
    if kind == Campaign.Kind.NOTICE:
        notices = Notice.objects.material_since(0, at=at, code=code)
        is_known = notices.filter(version=version).exists()
    elif kind == Campaign.Kind.PURPOSE:
        purposes = Purpose.objects.current().filter(code=code, version__gt=1)
        is_known = purposes.filter(version=version).exists()
    else:
        raise Malformed("A campaign is about a notice or a purpose.")
    if not is_known:
        raise NothingChanged(
            "Ask about a material notice that is in force, or about the current version of a"
            " purpose."
        )


def _require_time(deadline: datetime, *, at: datetime) -> None:
    if not at + LEAST <= deadline <= at + MOST:
        raise TooSoon(
            f"Give customers at least {LEAST.days} days to answer, and at most {MOST.days}."
        )


def _record(kind: CampaignEvent, campaign: Campaign, *, by: Actor) -> None:
    record(
        kind,
        campaign,
        by=by,
        notice=campaign.notice,
        deadline=campaign.deadline.astimezone(UTC).isoformat(),
    )
