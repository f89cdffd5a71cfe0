"""What the people and programs ask who keep the portal running: alive, ready, how much."""

# ruff: noqa: TID251 - these are views, apart because of their subject

from __future__ import annotations

from ipaddress import ip_address, ip_network

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

# Once a process has seen every migration applied, they stay applied.
_migrated: set[str] = set()


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's call
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's call
    """Name what is away; a balancer sends nobody here until nothing is."""
    checks = {"postgresql": _has_postgresql, "migrations": _has_migrations, "redis": _has_redis}
    away = [name for name, is_there in checks.items() if not is_there()]
    body = {"status": "away" if away else "ready", "away": away}
    return JsonResponse(body, status=503 if away else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus, and be unknown to everybody outside the networks of the settings."""
    if not _is_inside(request):
        raise Http404
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _is_inside(request: HttpRequest) -> bool:
    # A proxy on this machine also comes from loopback, with somebody else's request.
    if {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers):
        return False
    try:
        caller = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(caller in ip_network(network) for network in settings.METRICS_NETWORKS)


def _has_postgresql() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _has_migrations() -> bool:
    if "all" in _migrated:
        return True
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
    except DatabaseError:
        return False
    _migrated.add("all")
    return True


def _has_redis() -> bool:
    try:
        with redis.Redis.from_url(settings.RATE_LIMIT_REDIS_URL, socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
