"""`make demo`: engines, web, worker, beat and gateway as one program that stops as one.

Run with `python -m portal.demo`. Ctrl-C ends everything; the data stays in PORTAL_DATA_DIR. However
this process ends, its children end with it, so the next start finds nothing in its way.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from portal.demo import clamd, engines, services
from portal.demo.engines import EngineError

DATABASE = "portal"


def main() -> int:
    arguments = sys.argv[1:]
    home = Path(os.environ.get("PORTAL_DATA_DIR", services.BASE_DIR / ".portal")).resolve()
    port = int(os.environ.get("PORT", "8000"))
    gateway_port = int(os.environ.get("GATEWAY_PORT", str(port + 80)))
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: stopping.set())
    started: list[services.Service] = []
    try:
        lock = engines.lock_home(home)
        if "--reset" in arguments:
            _remove_data(home)
        return _run(home, port, gateway_port, stopping, started)
    except EngineError as error:
        _say(str(error))
        return 1
    finally:
        _stop(started)
        if "lock" in locals():
            lock.close()


def _run(
    home: Path,
    port: int,
    gateway_port: int,
    stopping: threading.Event,
    started: list[services.Service],
) -> int:
    begun = time.monotonic()
    for wanted in (port, gateway_port):
        _require_free(wanted)
    has_nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None
    environment = _environment(home, port, gateway_port if has_nginx else None)
    if not os.environ.get("DATABASE_URL"):
        environment |= _start_engines(home, started)
    if not environment.get("CLAMD_URL"):
        environment |= _start_clamd(environment, home, started)
    services.manage("migrate", "--noinput", "-v0", environment=environment)
    services.manage("collectstatic", "--noinput", "-v0", environment=environment)
    services.manage("seed_demo", environment=environment)
    started.append(services.start_web(environment, port=port, home=home))
    started.append(services.start_worker(environment, home=home))
    started.append(services.start_beat(environment, home=home))
    gateway = services.start_nginx(environment, port=gateway_port, web_port=port, home=home)
    if gateway is not None:
        started.append(gateway)
    _welcome(environment, port, gateway_port if gateway else None, time.monotonic() - begun)
    while not stopping.wait(0.5):
        for service in started:
            if not service.is_running:
                _say(f"{service.name} stopped by itself; see {home / 'log' / service.name}.log")
                return 1
    return 0


def _start_engines(home: Path, started: list[services.Service]) -> dict[str, str]:
    sockets = engines.socket_directory(home)
    (home / "log").mkdir(parents=True, exist_ok=True)
    data = home / f"pg{engines.POSTGRES_MAJOR}"
    engines.init_cluster(data)
    with (home / "log" / "postgres.log").open("ab") as log:
        process = engines.start_postgres(data, sockets, log=log)
    started.append(services.Service("postgres", process))
    with (home / "log" / "redis.log").open("ab") as log:
        process = engines.start_redis(home / "redis", sockets, log=log)
    started.append(services.Service("redis", process))
    engines.create_database(sockets, DATABASE)
    return engines.urls(sockets, DATABASE).environment()


def _start_clamd(
    environment: dict[str, str], home: Path, started: list[services.Service]
) -> dict[str, str]:
    """Start the scanner where it is installed; without one, uploads stay in quarantine."""
    sockets = engines.socket_directory(home)
    scanner = clamd.start_clamd(environment, home=home, sockets=sockets)
    if scanner is None:
        return {}
    started.append(scanner)
    return {"CLAMD_URL": clamd.url(sockets)}


def _stop(started: list[services.Service]) -> None:
    """Stop what serves before what it stands on; PostgreSQL's fast stop is SIGINT."""
    for service in reversed(started):
        service.stop(signal.SIGINT if service.name == "postgres" else signal.SIGTERM)


def _environment(home: Path, port: int, gateway_port: int | None) -> dict[str, str]:
    """Return the settings of a demo, with secrets that were made once for this directory."""
    address = f"http://127.0.0.1:{port}"
    defaults = {
        "PORTAL_DEMO": "1",
        "PORTAL_ISSUER": address,
        "PORTAL_HOSTS": "127.0.0.1,localhost",
        "PORTAL_DATA_DIR": str(home),
        "PORTAL_OUTBOUND_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PORTAL_LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
        **_secrets(home),
    }
    if gateway_port is not None:
        defaults["PORTAL_GATEWAY_URL"] = f"http://127.0.0.1:{gateway_port}"
    return {**defaults, **os.environ}


def _secrets(home: Path) -> dict[str, str]:
    path = home / "secrets.json"
    if not path.exists():
        values = {
            "SECRET_KEY": secrets.token_urlsafe(64),
            "PORTAL_GATEWAY_KEY": secrets.token_urlsafe(32),
            "PORTAL_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
            "PORTAL_DEMO_PASSWORD": f"meridian-{secrets.token_hex(3)}",
        }
        unfinished = path.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(values))
        unfinished.rename(path)
    return dict(json.loads(path.read_text()))


def _remove_data(home: Path) -> None:
    for path in home.iterdir():
        if path.name == "lock":
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise EngineError(f"Port {port} is taken: set PORT (and GATEWAY_PORT).") from None


def _welcome(
    environment: dict[str, str], port: int, gateway_port: int | None, seconds: float
) -> None:
    address = f"http://127.0.0.1:{port}"
    gateway = (
        f"http://127.0.0.1:{gateway_port} (nginx)"
        if gateway_port
        else f"{address}/sandbox (nginx is not installed: the sandbox asks the decision itself)"
    )
    _say(
        f"""
  Meridian is ready after {seconds:.0f} s.

    Portal    {address}
    Gateway   {gateway}
    Mail      {address}/console/outbox/ (as Priya)

  Everybody's password: {environment["PORTAL_DEMO_PASSWORD"]}

    amara@halden.example     partner: Halden Health, whose app Halden Refill is live
    bruno@kestrel.example    partner: Kestrel Coach, half way to production
    tomas@meridian.example   staff: reviewer
    priya@meridian.example   staff: security officer
    ines@meridian.example    staff: API owner
    mina@meridian.example    staff: privacy officer
    leila@example.net        customer who shares with two apps
    jonas@example.net        customer

  Ctrl-C stops everything. The data stays in {environment["PORTAL_DATA_DIR"]}.
"""
    )


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this program talks to a person


if __name__ == "__main__":
    sys.exit(main())
