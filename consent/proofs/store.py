"""The store that all processes share for what may be forgotten within minutes: Redis."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import redis
from django.conf import settings

from consent.proofs.errors import OAuthError


class StoreAway(OAuthError):
    """Without it nobody knows what was used already, so nothing that counts on it is accepted."""

    status = 503
    code = "temporarily_unavailable"

    def __init__(self) -> None:
        super().__init__("The service cannot answer now. Try again in a moment.")


@cache
def store() -> redis.Redis:
    """Return the connection; whoever uses it turns a `RedisError` into `StoreAway`.

    Redis must not evict what has not expired (`maxmemory-policy noeviction`, its default).
    """
    return redis.Redis.from_url(
        settings.RATE_LIMIT_REDIS_URL, socket_timeout=1, socket_connect_timeout=1
    )


def count_try(name: str, *, within: timedelta) -> int:
    """Count one more try under that name and return how many there were in the running window."""
    with store().pipeline() as both:
        both.set(name, 0, nx=True, ex=within)
        both.incr(name)
        return int(both.execute()[1])
