"""What ends with a secret that somebody else may have seen."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from consent.oauth.models import AccessToken, RefreshToken


@transaction.atomic
def end_tokens(client_id: str, *, before: datetime) -> int:
    """End the client's tokens that were there then, and return how many; twice changes nothing.

    Customers' consents go on: the client asks anew with a secret that only it knows.
    """
    now = timezone.now()
    accesses = AccessToken.objects.filter(
        application__client_id=client_id, created__lte=before, revoked_at=None, expires__gt=now
    )
    refreshes = RefreshToken.objects.filter(
        application__client_id=client_id, created__lte=before, revoked=None
    )
    return accesses.update(revoked_at=now) + refreshes.update(revoked=now)
