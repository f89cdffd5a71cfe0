"""How often one address may have receipts checked. It spares the portal; it protects no secret."""

from __future__ import annotations

import ipaddress
import logging
from datetime import timedelta

import redis
from django.utils.translation import gettext as _

from consent.proofs.store import count_try
from portal.errors import TooMany

logger = logging.getLogger(__name__)
MAX_TRIES = 30
WINDOW = timedelta(minutes=1)
# Who has an IPv6 address has a whole network of them.
_NETWORK_BITS = 64


def take_try(address: str) -> None:
    """Count a check, or raise `TooMany`. While nobody counts, everybody may: a check reads only."""
    name = f"receipt-checks:{_origin(address)}"
    try:
        tries = count_try(name, within=WINDOW)
    except redis.RedisError:
        logger.warning("receipts.checks_not_counted")
        return
    if tries > MAX_TRIES:
        raise TooMany(_("You checked many receipts at once. Wait a minute, then go on."))


def _origin(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 6:
        return str(ipaddress.ip_network(f"{parsed}/{_NETWORK_BITS}", strict=False))
    return str(parsed)
