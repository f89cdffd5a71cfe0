from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from kombu import pools
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from consent.gateway import facts, limits
from consent.keys import ring
from consent.proofs.store import store
from portal.celery import app
from portal.demo import clamd, engines
from portal.events.tasks import deliver_events
from tests.engines import TEMPLATE
from tests.stack import require_program, running_stack

# Deletes from the tables that have rows: ten times as fast as to truncate all. Spared are those
# that migrations wrote and that Django keeps ids of in memory; dead rows are not left to pile up.
EMPTY = """
DO $$ DECLARE
    one text;
    has_rows boolean;
BEGIN
    FOR one IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'
        AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        IF pg_relation_size(one::regclass) > 500000 THEN
            EXECUTE format('TRUNCATE %s CASCADE', one);
        ELSE
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one) INTO has_rows;
            IF has_rows THEN
                EXECUTE format('DELETE FROM %s', one);
            END IF;
        END IF;
    END LOOP;
    FOR one IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'
        AND last_value IS NOT NULL
    LOOP
        EXECUTE format('ALTER SEQUENCE %s RESTART', one);
    END LOOP;
END $$
"""


def pytest_configure() -> None:
    # The same examples each time, and no clock: a busy machine is no finding.
    hypothesis.settings.register_profile(
        "portal",
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("portal")
    # A slow password hash in every test would prove nothing; the processes of the stack keep it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """Clone the migrated template for this worker: no migrations, no serialisation."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"test_{worker}"
    with engines.superuser(_sockets()) as superuser:
        superuser.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} STRATEGY file_copy')
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = name
        connection.settings_dict["TEST"]["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def _flush_around_the_append_only_log():
    """Empty the tables as the superuser: the portal's own role may not, and triggers refuse."""

    def teardown(_case: TransactionTestCase) -> None:
        name = str(connection.settings_dict["NAME"])
        with engines.superuser(_sockets(), name) as superuser:
            _empty(superuser)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _staff_without_second_factor(settings):
    """Let a test sign staff in at once; the tests of the rule itself switch it on again."""
    settings.STAFF_NEED_SECOND_FACTOR = False


@pytest.fixture(autouse=True)
def _nothing_of_another_database():
    """Forget the keys and routes of another test's database, whose rows had the same numbers."""
    ring.forget()
    facts._compiled.cache_clear()


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """Return the whole portal, running as processes behind a real nginx."""
    require_program("nginx")
    with running_stack(tmp_path_factory.mktemp("stack")) as started:
        yield started


@pytest.fixture(scope="session")
def scanner_home(tmp_path_factory):
    """Return where a real clamd of this run has its signatures and its socket."""
    require_program("clamd")
    home = tmp_path_factory.mktemp("clamd")
    service = clamd.start_clamd(os.environ, home=home, sockets=home)
    yield home
    service.stop()


@pytest.fixture
def scanner(scanner_home, settings, tmp_path):
    """Let a real clamd look at the files of this test, which are kept apart from all others."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    settings.CLAMD_URL = clamd.url(scanner_home)
    return scanner_home


@pytest.fixture
def superuser(db):
    """Return a connection to this test's database with every right there is."""
    with engines.superuser(_sockets(), str(connection.settings_dict["NAME"])) as opened:
        yield opened


def _empty(superuser: psycopg.Connection) -> None:
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(EMPTY)


def _sockets() -> Path:
    return Path(os.environ["PORTAL_TEST_SOCKETS"])


@pytest.fixture
def warm_ring(monkeypatch):
    """Keep the signing keys that were read once, however slowly the test runs."""
    monkeypatch.setattr(ring, "_monotonic", lambda: 0.0)


@pytest.fixture
def redis_away(settings, monkeypatch):
    """Point everything that uses Redis at a socket where nobody listens."""
    nowhere = "unix:///nowhere/redis.sock?db=0"
    settings.RATE_LIMIT_REDIS_URL = nowhere
    limits._script.cache_clear()
    store.cache_clear()
    # Not the address to write to as well: it is this one, and the wrong one would be put back.
    monkeypatch.setattr(app.conf, "broker_url", "redis+socket:///nowhere/redis.sock")
    _hang_up_on_the_broker()
    with pytest.raises(RedisError):
        Redis.from_url(settings.RATE_LIMIT_REDIS_URL).ping()
    with pytest.raises(OperationalError):
        deliver_events.apply_async(retry=False)
    yield
    _hang_up_on_the_broker()
    limits._script.cache_clear()
    store.cache_clear()


def _hang_up_on_the_broker() -> None:
    """Let the next message dial anew: kombu takes two sockets of one machine for one broker."""
    app._pool = None
    app.amqp._producer_pool = None
    pools.reset()
