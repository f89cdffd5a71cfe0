"""The controls of agreements that the gateway's decisions can tell."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Sum

from consent.gateway.decision import Reason
from consent.gateway.models import Usage
from partners.agreements.enforcing import Finding, holds
from partners.organizations.models import Organization

SEEN_FOR = timedelta(days=30)
STOPPED = (Reason.CONSENT_WITHDRAWN, Reason.CONSENT_NARROWED, Reason.CONSENT_EXPIRED)


@holds("withdrawal", "After a customer’s no every call is refused")
def is_withdrawal_obeyed(organization: Organization, at: datetime) -> Finding:
    """Say how often it was needed: the refusal itself is the control, and never off."""
    calls = Usage.objects.of_organization(organization.pk).filter(
        hour__gte=at - SEEN_FOR, reason__in=STOPPED
    )
    count = calls.aggregate(count=Sum("call_count"))["count"] or 0
    return Finding(True, f"{count:,} calls refused in 30 days")
