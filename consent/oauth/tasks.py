"""Rows that nothing will ask for again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db.models import Q, QuerySet
from django.utils import timezone

from consent.oauth.models import (
    AccessToken,
    AuthorizationIntent,
    DeviceGrant,
    Grant,
    PushedRequest,
    RefreshToken,
)

BATCH = 1000
# Long enough to tell an expired token from an unknown one, and to recognise a replay.
KEPT = timedelta(days=1)
REPLAYS_KEPT = timedelta(days=7)
# Longer than a screen stays open; they hold what a client knows of its customer.
PUSHED_KEPT = timedelta(hours=1)


@shared_task
def purge_expired() -> int:
    """Delete in batches, so that no transaction holds many rows for long."""
    now = timezone.now()
    old = now - KEPT
    return sum(
        _purge(rows)
        for rows in (
            Grant.objects.filter(expires__lt=old),
            AccessToken.objects.filter(expires__lt=old),
            RefreshToken.objects.filter(Q(expires_at__lt=old) | Q(revoked__lt=now - REPLAYS_KEPT)),
            DeviceGrant.objects.filter(expires__lt=old),
            AuthorizationIntent.objects.filter(expires_at__lt=old),
            PushedRequest.objects.filter(expires_at__lt=now - PUSHED_KEPT),
        )
    )


def _purge(rows: QuerySet[Any]) -> int:
    purged = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        purged += rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return purged
