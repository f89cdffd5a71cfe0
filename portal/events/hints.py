"""Ask a worker to do now what a sweep would do a little later anyway."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

_logger = logging.getLogger(__name__)


def hint(task: str) -> None:
    """Send the task if the broker is there. Nothing depends on it, so nothing fails without it.

    The task is named and not imported: it stands above the actions that hint at it. It is given
    nothing to take along: what is due stands in the database, and a message is not a place for it.
    """
    try:
        current_app.send_task(task, retry=False)
    except (OperationalError, RedisError, OSError):
        _logger.warning("broker_away", extra={"task": task})
