"""What the authorization server forgets when a person closes the account."""

from __future__ import annotations

from consent.oauth.models import (
    AccessToken,
    AuthorizationIntent,
    DeviceGrant,
    Grant,
    IDToken,
    LogoutNotice,
    RefreshToken,
    SignIn,
)
from portal.accounts.models import User


def is_still_telling(user: User) -> bool:
    """Whether a client has yet to hear that this person signed out."""
    waiting = LogoutNotice.objects.filter(sign_in__customer__user=user)
    return waiting.filter(delivered_at=None, given_up_at=None).exists()


def forget(user: User) -> None:
    """Delete every code, token, intent and sign-in; none of them opens anything by now."""
    RefreshToken.objects.filter(user=user).delete()
    AccessToken.objects.filter(user=user).delete()
    Grant.objects.filter(user=user).delete()
    IDToken.objects.filter(user=user).delete()
    AuthorizationIntent.objects.filter(customer__user=user).delete()
    DeviceGrant.objects.filter(user=user).delete()
    SignIn.objects.filter(customer__user=user).delete()
