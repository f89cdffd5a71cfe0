"""Why a customer is asked again: a part of pages whose own slice cannot know it."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language

from catalog.scopes.models import Purpose
from consent.arrangements.models import Arrangement
from consent.campaigns.models import Campaign
from consent.notices.models import FALLBACK

register = template.Library()


@register.inclusion_tag("consent/campaigns/_asked_again.html")
def asked_again(arrangement: Arrangement, *, until: str) -> dict[str, Any]:
    """Say what changed since the customer agreed, and what they can do; two statements."""
    return {
        "application": arrangement.client.application,
        "until": until,
        "changes": [_told(one) for one in _asking(arrangement)],
    }


def _asking(arrangement: Arrangement) -> list[Campaign]:
    asked = Campaign.objects.running().filter(asked__arrangement=arrangement)
    return list(asked.order_by("deadline", "pk"))


def _told(campaign: Campaign) -> dict[str, Any]:
    language = get_language() or FALLBACK
    told: dict[str, Any] = {"summary": campaign.spoken(language)}
    told["is_english"] = campaign.spoken(language) == campaign.summary[FALLBACK]
    if campaign.kind == Campaign.Kind.NOTICE:
        return told | {"notice_version": campaign.version}
    worded = Purpose.objects.filter(code=campaign.code, version__lte=campaign.version)
    words = [one.spoken() for one in worded.order_by("-version")[:2]]
    return told | {"now": words[0], "before": words[1] if len(words) > 1 else None}
