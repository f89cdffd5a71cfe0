"""Which person is signed in to which client from which of their sessions, and until when."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from consent.arrangements.models import Customer
from consent.arrangements.pseudonyms import pseudonym_of
from consent.oauth.models import LogoutNotice, SignIn
from partners.applications.models import Client
from portal.accounts.sessions import Session
from portal.events.hints import hint
from portal.secrets import new_secret


def begin(customer: Customer, client: Client, *, session: Session) -> SignIn:
    """Return the sign-in that a code is about to tell of; a session has one for each client."""
    sign_in, is_new = SignIn.objects.get_or_create(
        session=session.name,
        client=client,
        customer=customer,
        ended_at=None,
        defaults={
            "sid": new_secret(size=24),
            "subject": pseudonym_of(customer, client.application),
            "methods": list(session.methods),
        },
    )
    if not is_new and sign_in.methods != list(session.methods):
        sign_in.methods = list(session.methods)
        sign_in.save(update_fields=["methods"])
    return sign_in


@transaction.atomic
def end(user_id: int, *, before: datetime, session: str | None = None) -> int:
    """End a person's sign-ins, or those of one session, and have each client told that asked to be.

    Those that began after `before` are newer than the reason and go on. Twice is once.
    """
    ending = SignIn.objects.running().filter(customer__user_id=user_id, begun_at__lte=before)
    if session is not None:
        ending = ending.filter(session=session)
    ended = list(ending.select_related("client").select_for_update(of=("self",)))
    SignIn.objects.filter(pk__in=[one.pk for one in ended]).update(ended_at=timezone.now())
    told = [one for one in ended if one.client.backchannel_logout_uri]
    LogoutNotice.objects.bulk_create(
        [LogoutNotice(sign_in=one) for one in told], ignore_conflicts=True
    )
    if told:
        transaction.on_commit(_nudge)
    return len(ended)


def _nudge() -> None:
    hint("consent.oauth.tasks.send_logouts")
