"""What ends of codes, tokens and sign-ins when their partner does."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from consent.oauth.models import (
    AccessToken,
    AuthorizationIntent,
    DeviceGrant,
    Grant,
    LogoutNotice,
    PushedRequest,
    RefreshToken,
    SignIn,
)
from partners.endings.steps import Step, ends_rows
from partners.organizations.models import Organization


def _accesses(organization: Organization) -> QuerySet[Any]:
    return AccessToken.objects.filter(
        application__application__organization=organization,
        revoked_at=None,
        expires__gt=timezone.now(),
    )


def _refreshes(organization: Organization) -> QuerySet[Any]:
    return RefreshToken.objects.filter(
        application__application__organization=organization, revoked=None
    )


def _codes(organization: Organization) -> QuerySet[Any]:
    return Grant.objects.filter(
        application__application__organization=organization, expires__gt=timezone.now()
    )


def _devices(organization: Organization) -> QuerySet[Any]:
    return DeviceGrant.objects.filter(
        application__application__organization=organization, expires__gt=timezone.now()
    )


def _pushed(organization: Organization) -> QuerySet[Any]:
    return PushedRequest.objects.filter(
        client__application__organization=organization, expires_at__gt=timezone.now()
    )


def _intents(organization: Organization) -> QuerySet[Any]:
    return AuthorizationIntent.objects.filter(
        client__application__organization=organization, expires_at__gt=timezone.now()
    )


def _sign_ins(organization: Organization) -> QuerySet[Any]:
    return SignIn.objects.running().filter(client__application__organization=organization)


def _notices(organization: Organization) -> QuerySet[Any]:
    return LogoutNotice.objects.filter(
        sign_in__client__application__organization=organization,
        delivered_at=None,
        given_up_at=None,
    )


@ends_rows(Step.TOKENS, _accesses)
def revoke_accesses(live: QuerySet[Any]) -> int:
    return live.update(revoked_at=timezone.now())


@ends_rows(Step.TOKENS, _refreshes)
def revoke_refreshes(live: QuerySet[Any]) -> int:
    now = timezone.now()
    return live.update(revoked=now, updated=now)


def _expire(live: QuerySet[Any]) -> int:
    return live.update(expires=timezone.now())


def _void(live: QuerySet[Any]) -> int:
    return live.update(expires_at=timezone.now())


ends_rows(Step.REQUESTS, _codes)(_expire)
ends_rows(Step.REQUESTS, _devices)(_expire)
ends_rows(Step.REQUESTS, _pushed)(_void)
ends_rows(Step.REQUESTS, _intents)(_void)


@ends_rows(Step.SIGN_INS, _sign_ins)
def sign_out(live: QuerySet[Any]) -> int:
    return live.update(ended_at=timezone.now())


@ends_rows(Step.SIGN_INS, _notices)
def tell_nobody(live: QuerySet[Any]) -> int:
    """Give up telling programs that nobody runs for us any more."""
    return live.update(given_up_at=timezone.now(), outcome="relationship_ended")
