"""The controls of agreements that accesses themselves can tell."""

from __future__ import annotations

from datetime import datetime

from catalog.plans.models import Environment
from partners.agreements.enforcing import Finding, holds
from partners.applications.models import Application, Client
from partners.organizations.models import Organization
from partners.subscriptions.models import Condition, Subscription


@holds("time_boxed", "Every access ends by the clock")
def is_time_boxed(organization: Organization, at: datetime) -> Finding:
    live = Subscription.objects.live().filter(client__application__organization=organization)
    ends = live.filter(ends_at__gt=at).order_by("ends_at").values_list("ends_at", flat=True).first()
    return Finding(True, f"The next one ends on {ends:%-d %B %Y}" if ends else "None is open")


@holds("conditions", "What is owed and late holds the access back")
def are_conditions_met(organization: Organization, at: datetime) -> Finding:
    late = Condition.objects.broken(at=at).filter(
        subscription__in=Subscription.objects.live(),
        subscription__client__application__organization=organization,
    )
    count = late.count()
    return Finding(not count, f"{count} late, so access rests" if count else "Nothing is late")


@holds("keys", "In production a client proves itself by a key")
def are_keys_used(organization: Organization, at: datetime) -> Finding:  # noqa: ARG001 - as every control
    clients = Client.objects.filter(
        application__organization=organization,
        application__status=Application.Status.LIVE,
        environment=Environment.PRODUCTION,
    )
    by_secret = [one for one in clients if one.takes_secrets]
    words = f"{len(by_secret)} by a secret" if by_secret else "All do"
    return Finding(not by_secret, words)
