"""PostgreSQL, Redis and Celery."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit

from portal.settings.environment import env, required

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url_config(
        required("DATABASE_URL", "postgres://user:password@host/database of the application role")
    )
}
# Migrations and nothing else run as the owner of the tables; the application may not alter its log.
if "migrate" in sys.argv and (owner_url := env("DATABASE_OWNER_URL", default="")):
    DATABASES = {"default": env.db_url_config(owner_url)}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"].setdefault("OPTIONS", {})
# What `portal.prepared` asks is planned once for each connection; the rest never is prepared.
if env.bool("PORTAL_DB_PREPARE", True):
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5
    # One plan serves all values: to plan a token's questions takes longer than to answer them.
    DATABASES["default"]["OPTIONS"]["options"] = "-c plan_cache_mode=force_generic_plan"
if env.bool("PORTAL_DB_POOL", False):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("PORTAL_DB_CONN_MAX_AGE", 60)

REDIS_URL = required("REDIS_URL", "redis://host:6379 or unix:///path/to/socket")
# The first of the two databases in use: 0 for the broker, 1 for rate limits.
REDIS_FIRST_DATABASE = env.int("PORTAL_REDIS_FIRST_DATABASE", 0)


def redis_url(database: int) -> str:
    number = REDIS_FIRST_DATABASE + database
    return f"{REDIS_URL}?db={number}" if REDIS_URL.startswith("unix:") else f"{REDIS_URL}/{number}"


# Sessions and the limits on guessing are in PostgreSQL alone: while Redis is away a customer must
# still be able to sign in and stop sharing.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        # Nobody should push others' counts out by asking from many addresses.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

RATE_LIMIT_REDIS_URL = redis_url(1)
CELERY_BROKER_URL = (
    f"redis+socket://{urlsplit(REDIS_URL).path}?virtual_host={REDIS_FIRST_DATABASE}"
    if REDIS_URL.startswith("unix:")
    else redis_url(0)
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A hint is not worth waiting for: without the broker the sweep does the work.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 0.5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
