from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal import secrets
from portal.accounts.actions import note
from portal.accounts.areas import FRONT_DOORS, area_of
from portal.accounts.events import AccountEvent
from portal.accounts.landing import read_opened
from portal.accounts.models import User
from portal.accounts.networks import network_of
from portal.accounts.sessions import name_of

# The library tells the person by mail; the same moments are events of ours.
_EVENT_OF_MAIL = {
    "account/email/email_changed": AccountEvent.EMAIL_CHANGED,
    "mfa/email/totp_activated": AccountEvent.SECOND_FACTOR_ADDED,
    "mfa/email/totp_deactivated": AccountEvent.SECOND_FACTOR_REMOVED,
    "mfa/email/webauthn_added": AccountEvent.SECOND_FACTOR_ADDED,
    "mfa/email/webauthn_removed": AccountEvent.SECOND_FACTOR_REMOVED,
    "mfa/email/recovery_codes_generated": AccountEvent.RECOVERY_CODES_MADE,
}


class AccountAdapter(DefaultAccountAdapter):
    """Where the portal's accounts differ from the library's: what is recorded, and where one goes.

    Mail is the business of `portal.notifications.adapters`, which stands on this one.
    """

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "This account is closed.",
        "email_password_mismatch": "That email and password do not match.",
        "enter_current_password": "Type the password you use now.",
        "incorrect_code": "That code does not match. Look for the newest mail from us.",
        "incorrect_password": "That is not your password.",
        "invalid_password_reset": "This link was used already, or is too old.",
        "same_as_current": "That is the address you have now.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, then try again.",
        "rate_limited": "Too many tries. Wait a minute, then try again.",
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, *args: Any) -> User:
        with transaction.atomic():
            saved = cast("User", super().save_user(request, user, form, *args))
            opened = str(form.cleaned_data.get("opened", ""))
            note(saved, AccountEvent.SIGNED_UP, landed_at=read_opened(opened))
        return saved

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        records = get_authentication_records(request, user)
        note(user, AccountEvent.SIGNED_IN, methods=[entry["method"] for entry in records])
        return cast("HttpResponse", super().post_login(request, user, **how))

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            session = name_of(request.session.session_key)
            note(request.user, AccountEvent.SIGNED_OUT, session=session)
        super().logout(request)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        with transaction.atomic():
            is_confirmed = bool(super().confirm_email(request, email_address))
            if is_confirmed:
                note(email_address.user, AccountEvent.EMAIL_VERIFIED)
        return is_confirmed

    def set_password(self, user: User, password: str) -> None:
        with transaction.atomic():
            super().set_password(user, password)
            note(user, AccountEvent.PASSWORD_CHANGED)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        if event := _EVENT_OF_MAIL.get(template_prefix):
            note(user, event)
        # After a change of address the old one belongs to nobody: say whose mail it is.
        super().send_notification_mail(
            template_prefix, user, {**(context or {}), "user": user}, email
        )

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Count a sign-in of a few minutes ago as well, not only a repeated one."""
        records = get_authentication_records(self.request, self.request.user)
        newest = max((entry["at"] for entry in records), default=0)
        if time.time() - newest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **more))

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return what tries are counted by, and all that is kept of where a session came from."""
        return network_of(str(super().get_client_ip(request)))

    def send_account_already_exists_mail(self, email: str) -> None:
        # A new account costs one hash of its password; a known address must answer as slowly.
        if password := self.request.POST.get("password1"):
            make_password(password)
        super().send_account_already_exists_mail(email)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return FRONT_DOORS[area_of(cast("User", request.user))]

    def get_signup_redirect_url(self, _request: HttpRequest) -> str:
        return reverse("accounts:profile")

    def get_password_change_redirect_url(self, _request: HttpRequest) -> str:
        return reverse("mfa_index")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Point the link at the portal's own address, whatever host the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return str(settings.ISSUER) + path.replace("UID-KEY", key)

    def is_safe_url(self, url: str) -> bool:
        """Follow `next` to a path of the portal and nowhere else."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Records the end of each session that somebody ends from another one."""

    def end_sessions(self, sessions: Iterable[UserSession]) -> None:
        for session in sessions:
            with transaction.atomic():
                note(session.user, AccountEvent.SIGNED_OUT, session=name_of(session.session_key))
                session.end()


class MFAAdapter(DefaultMFAAdapter):
    """Keeps the authenticator's secrets sealed, and draws its code without a `data:` address."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code does not match. Wait for the next one and type that.",
        "unverified_email": "Type the code for your email address first.",
    }
    _context = "mfa:authenticator:secret"

    def encrypt(self, text: str) -> str:
        return secrets.seal(text, context=self._context)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.unseal(encrypted_text, context=self._context)

    def build_totp_svg(self, url: str) -> str:
        drawing = str(super().build_totp_svg(url))
        return drawing[drawing.index("<svg") :]

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Meridian"}
