"""The whole portal as processes: web, worker, beat and nginx over a database of their own."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from portal.demo import engines, services
from tests.engines import TEMPLATE

PASSWORD = "correct horse battery staple"


@dataclass
class Stack:
    portal: str
    gateway: str
    environment: dict[str, str]
    database: str
    home: Path
    running: list[services.Service] = field(default_factory=list)

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with engines.superuser(sockets(), self.database) as connection:
            return connection.execute(statement, parameters).fetchall()

    def sql_do(self, statement: str, *parameters: Any) -> None:
        with engines.superuser(sockets(), self.database) as connection:
            connection.execute(statement, parameters)

    def manage(self, *arguments: str) -> None:
        services.manage(*arguments, environment=self.environment)

    def service(self, name: str) -> services.Service:
        return next(service for service in self.running if service.name == name)


@contextmanager
def running_stack(
    home: Path, *, name: str = "stack", redis_database: int = 60, **settings: str
) -> Iterator[Stack]:
    """Start everything with the demo world in it, and stop it again.

    A second one beside the first needs a name and two Redis databases of its own.
    """
    web_port, gateway_port = free_port(), free_port()
    database = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with engines.superuser(sockets()) as connection:
        connection.execute(f'CREATE DATABASE "{database}" TEMPLATE {TEMPLATE} STRATEGY file_copy')
    environment = {
        **os.environ,
        **engines.urls(sockets(), database).environment(),
        "PORTAL_DEMO": "1",
        "PORTAL_DEMO_PASSWORD": PASSWORD,
        "PORTAL_ISSUER": f"http://127.0.0.1:{web_port}",
        "PORTAL_GATEWAY_URL": f"http://127.0.0.1:{gateway_port}",
        "PORTAL_HOSTS": "127.0.0.1,localhost",
        "PORTAL_DATA_DIR": str(home),
        "PORTAL_STATIC_ROOT": str(home / "static"),
        "PORTAL_PAGE_MEMORY_MB": "32",
        "PORTAL_STATIC_STORAGE": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "PORTAL_REDIS_FIRST_DATABASE": str(redis_database),
        "PORTAL_DB_CONN_MAX_AGE": "60",
        "EMAIL_URL": "",
        **settings,
    }
    stack = Stack(
        portal=environment["PORTAL_ISSUER"],
        gateway=environment["PORTAL_GATEWAY_URL"],
        environment=environment,
        database=database,
        home=home,
    )
    try:
        stack.manage("collectstatic", "--noinput", "-v0")
        stack.manage("seed_demo")
        stack.running.append(services.start_web(environment, port=web_port, home=home))
        stack.running.append(services.start_worker(environment, home=home))
        stack.running.append(services.start_beat(environment, home=home))
        gateway = services.start_nginx(environment, port=gateway_port, web_port=web_port, home=home)
        assert gateway is not None
        stack.running.append(gateway)
        yield stack
    finally:
        for service in reversed(stack.running):
            service.stop()


def require_program(name: str) -> None:
    """Skip where a program is not installed; in CI its absence is a failure."""
    if shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
        return
    if os.environ.get("PORTAL_REQUIRE_ENGINES"):
        pytest.fail(f"{name} is not installed, and here it must be.")
    pytest.skip(f"{name} is not installed: left out")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sockets() -> Path:
    return Path(os.environ["PORTAL_TEST_SOCKETS"])
