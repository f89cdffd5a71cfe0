from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from smtplib import SMTPException
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict
from portal.events.hints import hint
from portal.notifications.models import Message, Preference
from portal.notifications.rendering import render_message

MAX_ATTEMPTS = 8
# What concerns a person's account or consents is mailed whatever they prefer.
ALWAYS_MAILED = (
    "accounts/",
    "arrangements/",
    "endings/",
    "guardians/",
    "joint/",
    "invitations/",
    "reminders/",
    "rights/",
    "rights-partner/",
    "rights-staff/",
)
_logger = logging.getLogger(__name__)


@transaction.atomic
def notify(
    user: User,
    *,
    key: str,
    template: str,
    context: Mapping[str, str | int],
    link: str = "",
    address: str = "",
    is_sensitive: bool = False,
    by_mail: bool = True,
) -> Message:
    """Write a message, once for each key; it is mailed after the commit.

    `template` names `templates/mail/<slice>/<event>.{txt,html}`, `link` is a path of the portal.
    What is not to be mailed is read on the notices page alone.
    """
    known = Message.objects.filter(key=key).first()
    if known is not None:
        return known
    rendered = render_message(template, context, user=user, link=link)
    message, is_new = Message.objects.get_or_create(
        key=key,
        defaults={
            "user": user,
            "address": (address or user.email).lower(),
            "kind": template,
            "subject": rendered.subject,
            "text": rendered.text,
            "html": rendered.html,
            "link": link,
            "is_sensitive": is_sensitive,
            "next_attempt_at": timezone.now() if by_mail and _is_mailed(user, template) else None,
        },
    )
    if is_new:
        transaction.on_commit(_nudge)
    return message


def send_due_messages(*, limit: int = 200) -> int:
    """Mail what waits; return how many were sent."""
    sent = 0
    with get_connection() as mail_server:
        for _ in range(limit):
            outcome = _send_next(mail_server)
            if outcome is None:
                break
            sent += outcome
    return sent


@transaction.atomic
def read_news(user: User) -> int:
    return Message.objects.news_of(user).unread().update(read_at=timezone.now())


@transaction.atomic
def prefer_mail(user: User, *, wants_mail: bool) -> None:
    Preference.objects.update_or_create(user=user, defaults={"wants_mail": wants_mail})


@transaction.atomic
def send_again(message: Message, *, by: Actor) -> None:
    """Give a parked message its attempts back."""
    require(by, Permission.READ_OUTBOX)
    if (
        not Message.objects.parked()
        .filter(pk=message.pk)
        .update(failed_at=None, attempt_count=0, next_attempt_at=timezone.now())
    ):
        raise Conflict("This message is not waiting for anybody.")
    transaction.on_commit(_nudge)


def _is_mailed(user: User, template: str) -> bool:
    if template.startswith(ALWAYS_MAILED):
        return True
    return not Preference.objects.filter(user=user, wants_mail=False).exists()


def _send_next(mail_server: BaseEmailBackend) -> bool | None:
    """Take one message; None when nothing is due, False when the mail server would not have it.

    The row stays locked while the mail server is spoken to, so a second worker passes it by. A
    worker that dies after the server said yes and before the commit sends it once more: SMTP
    cannot promise better than at least once. Both copies carry one Message-ID, which most
    mailboxes fold into one.
    """
    now = timezone.now()
    with transaction.atomic():
        message = Message.objects.due(at=now).select_for_update(skip_locked=True).first()
        if message is None:
            return None
        message.attempt_count += 1
        try:
            _mail(message, mail_server)
        except (SMTPException, OSError) as error:
            _postpone(message, error)
        else:
            message.sent_at = now
            if message.is_sensitive and not settings.DEMO:
                message.text = message.html = message.link = ""
        message.save()
        return message.sent_at is not None


def _mail(message: Message, mail_server: BaseEmailBackend) -> None:
    host = urlsplit(settings.ISSUER).hostname
    name = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        to=[message.address],
        headers={"Message-ID": f"<{name}@{host}>", "Auto-Submitted": "auto-generated"},
        connection=mail_server,
    )
    mail.attach_alternative(message.html, "text/html")
    mail.send()


def _postpone(message: Message, error: Exception) -> None:
    now = timezone.now()
    message.next_attempt_at = now + timedelta(seconds=min(15 * 2**message.attempt_count, 3600))
    if message.attempt_count >= MAX_ATTEMPTS:
        message.failed_at = now
    # Neither the words nor the address: an answer of the mail server may quote both.
    _logger.warning("mail_failed", extra={"pk": message.pk, "error": type(error).__name__})


def _nudge() -> None:
    hint("portal.notifications.tasks.send_messages")
