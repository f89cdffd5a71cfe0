"""How often one address may have receipts checked. It spares the portal; it protects no secret."""

from __future__ import annotations

import logging
from datetime import timedelta

import redis
from django.utils.translation import gettext as _

from consent.proofs.store import count_try
from portal.accounts.networks import network_of
from portal.errors import TooMany

logger = logging.getLogger(__name__)
MAX_TRIES = 30
WINDOW = timedelta(minutes=1)


def take_try(address: str) -> None:
    """Count a check, or raise `TooMany`. While nobody counts, everybody may: a check reads only."""
    name = f"receipt-checks:{network_of(address)}"
    try:
        tries = count_try(name, within=WINDOW)
    except redis.RedisError:
        logger.warning("receipts.checks_not_counted")
        return
    if tries > MAX_TRIES:
        raise TooMany(_("You checked many receipts at once. Wait a minute, then go on."))
