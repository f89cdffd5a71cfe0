from __future__ import annotations

from smtplib import SMTPServerDisconnected

from django.core.mail.backends.base import BaseEmailBackend


class Backend(BaseEmailBackend):
    """A mail server that takes nothing."""

    def send_messages(self, email_messages):
        raise SMTPServerDisconnected
