"""Start the contestants: our portal as the stack runs it, and the peers beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from benchmarks.oauth.contestant import CALLBACK, CHALLENGE, Client, Contestant
from portal.demo import engines, services
from portal.demo.engines import die_with_parent
from tests.stack import Stack, free_port, sockets

TUNED, DOCUMENTED = "django-oauth-toolkit, no hashing", "django-oauth-toolkit as documented"
# Made at once, and again when half are left: a server that needs more ends its round early.
CODES = 12_000
SLOW_CODES = 500
PROVIDER = Path(__file__).parent.parent / "peers" / "provider"
TOOLKIT = "benchmarks.peers.toolkit"
TOOLKIT_DATABASE = "toolkit"
# The stack has two databases of Redis from 60 on.
PROVIDER_REDIS_DATABASE = 62


def portal(stack: Stack) -> Contestant:
    world = "benchmarks.oauth.portal_world"
    told = _printed(f"from {world} import build; build()", stack.environment)
    works = [stack.service("web").process.pid]  # the worker runs, but nothing waits for it
    paths = ("/oauth/token", "/oauth/introspect")
    make_codes = _making(world, told, stack.environment)
    works += _stores()
    return _contestant("ours", stack.portal, told, make_codes, processes=works, paths=paths)


@contextmanager
def toolkit(home: Path, *, tuned: bool) -> Iterator[Contestant]:
    """Start django-oauth-toolkit, as documented or without hashing and with lasting connections.

    Its web server is the portal's: the same program, workers and threads.
    """
    port = free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": f"{TOOLKIT}.settings",
        "BENCH_DATABASE_URL": engines.urls(sockets(), TOOLKIT_DATABASE).owner,
        "BENCH_TUNED": "1" if tuned else "",
    }
    engines.create_database(sockets(), TOOLKIT_DATABASE)
    _run(["-m", "django", "migrate", "-v0"], environment)
    world = f"{TOOLKIT}.world"
    told = _printed(f"from {world} import build; build(is_hashed={not tuned})", environment)
    name = "toolkit-tuned" if tuned else "toolkit"
    command = services.web_command(f"{TOOLKIT}.wsgi:application", port=port)
    web = services.Service.start(name, command, environment=environment, home=home)
    try:
        services.wait_until_listening(web, port, home=home)
        works = [web.process.pid, _postgres()]
        name = TUNED if tuned else DOCUMENTED
        paths = ("/o/token/", "/o/introspect/")
        make_codes, base = _making(world, told, environment), f"http://127.0.0.1:{port}"
        made = _contestant(name, base, told, make_codes, processes=works, paths=paths)
        if not tuned:
            made.seconds, made.batch = 3.0, SLOW_CODES
        yield made
    finally:
        web.stop()


@contextmanager
def provider(*, in_redis: bool) -> Iterator[Contestant]:
    """Start oidc-provider with its state in this process's memory, or in our Redis."""
    port = free_port()
    client = Client("measured", "secret-of-the-measured-client-0123456789")
    environment = {
        **os.environ,
        "NODE_ENV": "production",
        "PORT": str(port),
        "CLIENT_ID": client.id,
        "CLIENT_SECRET": client.secret,
        "CALLBACK": CALLBACK,
        "CHALLENGE": CHALLENGE,
    }
    if in_redis:
        environment |= {
            "REDIS_SOCKET": str(sockets() / "redis.sock"),
            "REDIS_DATABASE": str(PROVIDER_REDIS_DATABASE),
        }
    process = subprocess.Popen(
        ["node", "server.mjs"],
        cwd=PROVIDER,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=die_with_parent(15),  # noqa: PLW1509 - one thread only
    )
    assert process.stdin is not None
    assert process.stdout is not None
    asked, told_by_it = process.stdin, process.stdout

    def make_codes(count: int) -> list[str]:
        asked.write(f"codes {count}\n")
        asked.flush()
        return list(json.loads(told_by_it.readline()))

    try:
        make_codes(1)  # it listens once it answers
        told = {"client": client, "alone": client, "scope": "read"}
        works = [process.pid, *([_redis()] if in_redis else [])]
        name = f"oidc-provider, {'Redis' if in_redis else 'memory'}"
        paths, base = ("/token", "/token/introspection"), f"http://127.0.0.1:{port}"
        yield _contestant(name, base, told, make_codes, processes=works, paths=paths)
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(20)
        process.stdout.close()


def install_provider() -> str:
    """Install oidc-provider as its lock says; return why that was not possible, or nothing."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "Node and npm are not installed"
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--silent"],
        cwd=PROVIDER, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return f"npm ci failed: {done.stderr.strip()[-200:]}" if done.returncode else ""


def _contestant(
    name: str,
    base: str,
    told: dict[str, Any],
    make_codes: Callable[[int], list[str]],
    *,
    processes: list[int],
    paths: tuple[str, str],
) -> Contestant:
    token_path, introspection_path = paths
    return Contestant(
        name=name,
        base=base,
        token_path=token_path,
        introspection_path=introspection_path,
        client=Client(*told["client"]),
        alone=Client(*told["alone"]),
        scope=told["scope"],
        make_codes=make_codes,
        batch=CODES,
        processes=processes,
    )


def _making(
    world: str, told: dict[str, Any], environment: dict[str, str]
) -> Callable[[int], list[str]]:
    """Return what has codes issued in that Django project, for the client that has customers."""
    client_id = told["client"][0]

    def make_codes(count: int) -> list[str]:
        call = f"make_codes({client_id!r}, {count})"
        return list(_printed(f"from {world} import make_codes; {call}", environment)["codes"])

    return make_codes


def _printed(code: str, environment: dict[str, str]) -> dict[str, Any]:
    """Return what the last line that a program in that Django project prints says."""
    whole = f"import django; django.setup(); {code}"
    settings = {"DJANGO_SETTINGS_MODULE": "portal.settings"}
    printed = _run(["-c", whole], settings | environment)
    return dict(json.loads(printed.splitlines()[-1]))


def _run(arguments: list[str], environment: dict[str, str]) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=services.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    return done.stdout


def _stores() -> list[int]:
    return [_postgres(), _redis()]


def _postgres() -> int:
    with engines.superuser(sockets()) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return int((Path(row[0]) / "postmaster.pid").read_text().split()[0])


def _redis() -> int:
    client = redis.Redis(unix_socket_path=str(sockets() / "redis.sock"))
    try:
        return int(client.info("server")["process_id"])
    finally:
        client.close()
