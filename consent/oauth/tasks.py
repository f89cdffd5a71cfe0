"""Rows that nothing will ask for again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from consent.arrangements.ending import end_unclaimed
from consent.arrangements.giving import note_claimed
from consent.arrangements.models import Arrangement
from consent.oauth import backchannel
from consent.oauth.models import (
    AccessToken,
    AuthorizationIntent,
    DeviceGrant,
    Grant,
    PushedRequest,
    RefreshToken,
    SignIn,
)

BATCH = 1000
# Long enough to tell an expired token from an unknown one, and to recognise a replay.
KEPT = timedelta(days=1)
# A code lives for a minute; who comes back later has to ask again anyway.
UNCLAIMED_KEPT = timedelta(hours=1)
REPLAYS_KEPT = timedelta(days=7)
# Longer than a screen stays open; they hold what a client knows of its customer.
PUSHED_KEPT = timedelta(hours=1)
# Longer than anybody is still told of the end, and than any agreement that a refresh stands on.
SIGN_INS_KEPT = timedelta(days=7)
SIGN_IN_LIFETIME = timedelta(days=370)


@shared_task
def send_logouts() -> int:
    """Tell clients that somebody signed out. Runs after each sign-out, and every few seconds."""
    return backchannel.send_due()


@shared_task
def purge_expired() -> int:
    """Delete in batches, so that no transaction holds many rows for long."""
    now = timezone.now()
    old = now - KEPT
    taken = Exists(RefreshToken.objects.filter(arrangement=OuterRef("pk")))
    note_claimed(Arrangement.objects.filter(taken), at=now)
    _end_unclaimed(now - UNCLAIMED_KEPT)
    return sum(
        _purge(rows)
        for rows in (
            Grant.objects.filter(expires__lt=old),
            AccessToken.objects.filter(expires__lt=old),
            RefreshToken.objects.filter(Q(expires_at__lt=old) | Q(revoked__lt=now - REPLAYS_KEPT)),
            DeviceGrant.objects.filter(expires__lt=old),
            AuthorizationIntent.objects.filter(expires_at__lt=old),
            PushedRequest.objects.filter(expires_at__lt=now - PUSHED_KEPT),
            SignIn.objects.filter(
                Q(ended_at__lt=now - SIGN_INS_KEPT) | Q(begun_at__lt=now - SIGN_IN_LIFETIME)
            ),
        )
    )


def _end_unclaimed(before: datetime) -> None:
    """End what customers gave and the application never fetched (Grant Management §4)."""
    codes = Grant.objects.filter(arrangement=OuterRef("pk"))
    device_codes = DeviceGrant.objects.filter(arrangement=OuterRef("pk"))
    unclaimed = (
        Arrangement.objects.filter(status__in=Arrangement.RUNNING, claimed_at=None)
        .filter(Exists(codes) | Exists(device_codes))
        .exclude(Exists(codes.filter(expires__gte=before)))
        .exclude(Exists(device_codes.filter(expires__gte=before)))
    )
    for pk in list(unclaimed.values_list("pk", flat=True)[:BATCH]):
        end_unclaimed(pk)


def _purge(rows: QuerySet[Any]) -> int:
    purged = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        purged += rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return purged
