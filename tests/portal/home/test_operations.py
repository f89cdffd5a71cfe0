from __future__ import annotations

import pytest
from django.db.utils import OperationalError

from portal.home import operations

pytestmark = pytest.mark.django_db


def test_a_portal_that_runs_is_alive_without_a_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "alive"}


def test_a_portal_with_its_engines_is_ready(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "away": []}


def test_a_missing_redis_is_named(client, settings):
    settings.RATE_LIMIT_REDIS_URL = "unix:///nowhere/redis.sock"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "away", "away": ["redis"]}


def test_a_missing_database_is_named(client, monkeypatch):
    def away(*_args, **_kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(operations, "_migrated", set())
    monkeypatch.setattr(operations.connection, "cursor", away)

    assert client.get("/readyz").json()["away"] == ["postgresql", "migrations"]


def test_a_migration_that_is_not_applied_is_named(client, monkeypatch):
    monkeypatch.setattr(operations, "_migrated", set())
    monkeypatch.setattr(
        operations.MigrationExecutor, "migration_plan", lambda *_: [("0002", False)]
    )

    assert client.get("/readyz").json()["away"] == ["migrations"]


@pytest.mark.parametrize(
    ("caller", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("203.0.113.9", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        ("", {}, 404),
        ("nonsense", {}, 404),
    ],
)
def test_metrics_are_for_the_inside_only(client, caller, headers, status):
    answer = client.get("/metrics", REMOTE_ADDR=caller, headers=headers)

    assert answer.status_code == status
    assert (b"python_info" in answer.content) == (status == 200)


def test_the_networks_that_may_read_metrics_are_a_setting(client, settings):
    settings.METRICS_NETWORKS = ["203.0.113.0/24"]

    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 404
