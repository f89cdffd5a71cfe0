"""Notice a client that names what is not its own: it gets the same answer, and people hear of it.

One wrong id is a mistake; many different ones within an hour are somebody trying. Nothing changes
for the client, so that nobody learns from an answer whether an id is somebody else's.
"""

from __future__ import annotations

import logging
from enum import StrEnum

import redis
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from consent.oauth.authentication import actor_of
from consent.oauth.events import OAuthEvent
from consent.proofs.store import store
from partners.applications.models import Client
from portal.events.log import record
from portal.secrets import digest

PERIOD = 3600
_logger = logging.getLogger(__name__)
# Adds an id and says once in the period that there are enough of them.
_COUNT = """
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3], 'NX')
if redis.call('SCARD', KEYS[1]) < tonumber(ARGV[2]) then return 0 end
return redis.call('SET', KEYS[2], 1, 'NX', 'EX', ARGV[3]) and 1 or 0
"""


class Kind(StrEnum):
    GRANT = "grant"
    CODE = "code"
    TOKEN = "token"  # noqa: S105 - a word, not a token
    RESOURCE = "resource"


def note_if_another_has(
    client: Client, kind: Kind, value: str, rows: models.QuerySet[models.Model]
) -> None:
    """Count an id that this client does not have, if one of the rows says that another has it."""
    if rows.exists():
        note(client.client_id, kind, value)


def note(client_id: str, kind: Kind, value: str) -> None:
    """Count an id that is not this client's; tell its people and ours of too many, once an hour.

    What is counted is a digest. While the store is away nothing is counted, and nothing else fails.
    """
    hour = int(timezone.now().timestamp()) // PERIOD
    keys = [f"foreign:{client_id}:{hour}", f"foreign-told:{client_id}:{hour}"]
    arguments = [digest(f"{kind}:{value}"), settings.FOREIGN_IDS_ALARM, PERIOD]
    try:
        is_too_many = store().eval(_COUNT, len(keys), *keys, *arguments)
    except redis.RedisError:
        _logger.warning("foreign_id_not_counted")
        return
    if is_too_many:
        _tell(client_id, kind)


def _tell(client_id: str, kind: Kind) -> None:
    client = Client.objects.select_related("application").get(client_id=client_id)
    with transaction.atomic():
        record(
            OAuthEvent.FOREIGN_IDS,
            client,
            by=actor_of(client),
            organization_id=client.application.organization_id,
            client_id=client.client_id,
            application=client.application.slug,
            count=settings.FOREIGN_IDS_ALARM,
            reason=kind.value,
        )
