from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median_low

from django.db import transaction
from django.utils import timezone

from partners.applications import actions as applications
from partners.applications.first_call import first_open_operation
from partners.applications.models import Client
from partners.applications.uses import WantedUse
from partners.joining.events import JoiningEvent
from partners.joining.models import Start
from partners.organizations import actions as organizations
from partners.organizations.actors import actor_of
from partners.organizations.models import Organization
from portal.access.actors import SYSTEM, Actor
from portal.accounts.models import User
from portal.events.log import record

APPLICATION = "First steps"
TAGLINE = "Reads what needs no customer, to see that everything works"
# The developer's own machine: a place to come back to until they name another.
CALLBACK = "http://127.0.0.1:8765/callback"


@dataclass(frozen=True, slots=True)
class Started:
    """`key` is said this once; we keep its digest."""

    start: Start
    key: str = field(repr=False)


@transaction.atomic
def start_in_sandbox(user: User, *, by: Actor, landed_at: datetime | None = None) -> Started:
    """Give a person an organization, an application, a sandbox client and its key, all at once."""
    name = f"Sandbox {secrets.token_hex(3)}"
    organization = organizations.open_sandbox(user, by=by, name=name)
    owner = actor_of(user)
    operation = first_open_operation()
    application = applications.register_application(
        organization,
        by=owner,
        name=APPLICATION,
        tagline=TAGLINE,
        redirect_uris=[CALLBACK],
        uses=[
            WantedUse(scope, None, "", is_required=False, retention_days=0)
            for scope in (operation.scopes if operation else ())
        ],
    )
    client: Client = application.clients.get()
    _, key = applications.issue_credential(client, by=owner)
    now = timezone.now()
    start = Start.objects.create(
        organization=organization,
        client=client,
        landed_at=landed_at if landed_at and landed_at <= now else None,
        begun_at=now,
    )
    _record(JoiningEvent.STARTED, start, by=owner)
    return Started(start, key)


def note_first_answer(organization: str, *, at: datetime, by: Actor = SYSTEM) -> None:
    """Write down when the sandbox first answered the organization of that slug.

    Later answers change nothing, and cost one look at an index.
    """
    waiting = Start.objects.filter(organization__slug=organization, answered_at=None)
    if (start := waiting.first()) is None:
        return
    with transaction.atomic():
        if waiting.filter(pk=start.pk).update(answered_at=at):
            start.answered_at = at
            seconds = round((start.took or timedelta()).total_seconds())
            _record(JoiningEvent.FIRST_ANSWER, start, by=by, seconds=seconds)


def start_of(organization: Organization) -> Start | None:
    known = Start.objects.filter(organization=organization)
    return known.select_related("client__application").first()


def usual_start(*, since: datetime) -> timedelta | None:
    """Return how long half of those whose first answer came since then needed at most."""
    spans = sorted(start.took or timedelta() for start in Start.objects.answered(since=since))
    return median_low(spans) if spans else None


def _record(kind: JoiningEvent, start: Start, *, by: Actor, **facts: int) -> None:
    record(kind, start, by=by, organization_id=start.organization_id, **facts)
