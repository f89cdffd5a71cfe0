"""Count calls against a plan's limits, exactly, across all workers: GCRA in Redis."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from typing import Any

import redis
from django.conf import settings

_logger = logging.getLogger(__name__)

# Each limit is one key that holds the theoretical arrival time of the next call, in microseconds
# of Redis' own clock. All limits are read first, so a refused call uses up none of them.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local arrivals = {}
local remaining, wait, tightest = -1, 0, 1
for i, key in ipairs(KEYS) do
  local window = tonumber(ARGV[2 * i - 1]) * 1000000
  local count = tonumber(ARGV[2 * i])
  local arrival = math.max(tonumber(redis.call('GET', key) or 0), now) + window / count
  local left = math.floor((window - (arrival - now)) * count / window)
  local late = arrival - now - window
  if late > wait then
    wait = late
    tightest = i
  elseif wait == 0 and (remaining < 0 or left < remaining) then
    remaining = left
    tightest = i
  end
  arrivals[i] = arrival
end
if wait > 0 then return {0, 0, math.ceil(wait / 1000), tightest} end
for i, key in ipairs(KEYS) do
  local life = math.ceil((arrivals[i] - now) / 1000) + 1
  redis.call('SET', key, string.format('%.0f', arrivals[i]), 'PX', life)
end
return {1, remaining, 0, tightest}
"""


@dataclass(frozen=True, slots=True)
class Count:
    """The outcome of counting one call: what is left of the tightest limit, or how long to wait."""

    is_allowed: bool
    remaining: int
    retry_after_ms: int
    window_seconds: int
    call_count: int


def count_call(client_id: str, plan_id: int, limits: tuple[tuple[int, int], ...]) -> Count | None:
    """Count one call; None when there is no limit or Redis is away.

    Limits protect the APIs from load, they do not decide who may see what: without Redis the call
    passes uncounted, and the log says so.
    """
    if not limits:
        return None
    keys = [f"limit:{client_id}:{plan_id}:{window}" for window, _ in limits]
    arguments = [str(number) for limit in limits for number in limit]
    try:
        allowed, remaining, wait, tightest = _script()(keys=keys, args=arguments)
    except redis.RedisError:
        _logger.warning("limits_away")
        return None
    window, calls = limits[tightest - 1]
    return Count(bool(allowed), remaining, wait, window, calls)


@cache
def _script() -> Any:
    client = redis.Redis.from_url(
        settings.RATE_LIMIT_REDIS_URL, socket_timeout=0.2, socket_connect_timeout=0.2
    )
    return client.register_script(_SCRIPT)
