"""The library's mails, as messages of ours: capped, so that nobody's mailbox becomes a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.accounts.adapters import AccountAdapter
from portal.accounts.models import User
from portal.notifications.actions import notify
from portal.notifications.caps import has_room


@dataclass(frozen=True, slots=True)
class Letter:
    """`daily_cap` is for what a stranger can have sent: messages a day to one address."""

    template: str
    is_sensitive: bool = False
    daily_cap: int | None = None


_CODE = Letter("accounts/confirm_code", is_sensitive=True, daily_cap=5)
_FACTOR_ADDED = Letter("accounts/second_factor_added")
_FACTOR_REMOVED = Letter("accounts/second_factor_removed")
_PASSWORD_CHANGED = Letter("accounts/password_changed")
LETTERS = {
    "account/email/email_confirmation": _CODE,
    "account/email/email_confirmation_signup": _CODE,
    "account/email/account_already_exists": Letter("accounts/already_here", daily_cap=2),
    "account/email/password_reset_key": Letter(
        "accounts/password_reset", is_sensitive=True, daily_cap=5
    ),
    "account/email/password_reset": _PASSWORD_CHANGED,
    "account/email/password_changed": _PASSWORD_CHANGED,
    "account/email/password_set": _PASSWORD_CHANGED,
    "account/email/email_changed": Letter("accounts/email_changed"),
    "mfa/email/totp_activated": _FACTOR_ADDED,
    "mfa/email/totp_deactivated": _FACTOR_REMOVED,
    "mfa/email/webauthn_added": _FACTOR_ADDED,
    "mfa/email/webauthn_removed": _FACTOR_REMOVED,
    "mfa/email/recovery_codes_generated": Letter("accounts/recovery_codes_made"),
}


class MailingAccountAdapter(AccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        letter = LETTERS[template_prefix]
        user = context.get("user") or User.objects.filter(email__iexact=email).first()
        if user is None:
            return  # The address belongs to nobody: there is nobody to tell.
        with transaction.atomic():
            # Over the cap nothing is sent and nothing is said: the answer stays the same.
            if _is_within_cap(letter, email):
                _write(letter, user, email, context)


def _is_within_cap(letter: Letter, address: str) -> bool:
    cap = letter.daily_cap
    return cap is None or has_room(address, kind=letter.template, daily_cap=cap)


def _write(letter: Letter, user: User, address: str, context: dict[str, Any]) -> None:
    now = timezone.now().astimezone(ZoneInfo(user.time_zone))
    # The link's path only: it holds the key, which belongs into the mail and into no fact or log.
    link = context.get("password_reset_url", "") if letter.is_sensitive else ""
    notify(
        user,
        key=f"accounts:{uuid4()}",
        template=letter.template,
        context={
            "code": str(context.get("code", "")),
            "when": f"{now:%-d %B %Y, %H:%M} ({user.time_zone})",
            "new_email": str(context.get("to_email", "")),
        },
        link=link.removeprefix(settings.ISSUER),
        address=address,
        is_sensitive=letter.is_sensitive,
    )
