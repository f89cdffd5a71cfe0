"""A message's words, from one pair of templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.template import Context, Engine
from django.utils import translation

from portal.accounts.models import User

_SUBJECT = "Subject:"
# Mails to customers, and to anybody about their account or their rights; the partners' and the
# staff's are in English.
_SPOKEN = ("arrangements/", "accounts/", "guardians/", "joint/", "reminders/", "rights/")


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str


def render_message(
    template: str, context: Mapping[str, str | int], *, user: User, link: str
) -> Rendered:
    """Render `templates/mail/<template>.txt`, which begins with its subject, and its HTML twin."""
    values = {
        **context,
        "given_name": user.given_name,
        "portal": settings.ISSUER,
        "url": f"{settings.ISSUER}{link}" if link else "",
    }
    engine = Engine.get_default()
    language = user.language if template.startswith(_SPOKEN) else settings.LANGUAGE_CODE
    with translation.override(language):
        # Plain text has no markup to escape: without this a name would read `D&#x27;Arcy`.
        plain = engine.get_template(f"mail/{template}.txt").render(
            Context(values, autoescape=False)
        )
        head, _, text = plain.partition("\n")
        if not head.startswith(_SUBJECT):
            raise ValueError(f"mail/{template}.txt has no subject in its first line.")
        # One line, whatever a name in it holds: nobody adds a header through it.
        subject = " ".join(head.removeprefix(_SUBJECT).split())[:200]
        html = engine.get_template(f"mail/{template}.html").render(
            Context({**values, "subject": subject})
        )
    return Rendered(subject, text.strip() + "\n", html)
