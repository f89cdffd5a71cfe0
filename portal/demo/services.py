"""The portal's own processes: web, worker, beat, and nginx as the gateway where it is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from consent.gateway.export import nginx
from portal.demo.engines import EngineError, die_with_parent

BASE_DIR = Path(__file__).resolve().parent.parent.parent
_READY_SECONDS = 60
_GRACE_SECONDS = 10


@dataclass(slots=True)
class Service:
    """A child process with a log of its own, in a session of its own."""

    name: str
    process: subprocess.Popen[bytes]

    @classmethod
    def start(
        cls, name: str, command: Sequence[str], *, environment: Mapping[str, str], home: Path
    ) -> Service:
        log_path = home / "log" / f"{name}.log"
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with log_path.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                cwd=BASE_DIR,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one thread only
            )
        return cls(name, process)

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, wait, and end what is left of its session."""
        if self.is_running:
            self.process.send_signal(with_signal)
        try:
            self.process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start_web(environment: Mapping[str, str], *, port: int, home: Path) -> Service:
    command = web_command("portal.wsgi:application", port=port)
    web = Service.start("web", command, environment=environment, home=home)
    wait_until_ready(web, f"http://127.0.0.1:{port}/readyz", home=home)
    return web


def web_command(application: str, *, port: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "1", "--blocking-threads", "8",
        # Each has a connection to the database of its own, which goes when it does.
        "--blocking-threads-idle-timeout", "600", "--no-ws", "--log-level", "warning", application,
    ]  # fmt: skip


def start_worker(environment: Mapping[str, str], *, home: Path) -> Service:
    command = [
        sys.executable, "-m", "celery", "-A", "portal.celery", "worker", "--pool=threads",
        "-c", "4", "--without-mingle", "--without-gossip", "--loglevel", "WARNING",
    ]  # fmt: skip
    return Service.start("worker", command, environment=environment, home=home)


def start_beat(environment: Mapping[str, str], *, home: Path) -> Service:
    # The file remembers last runs in a format that differs between Pythons; every entry asks what
    # is due anyway, so it starts afresh.
    for schedule in home.glob("beat*"):
        schedule.unlink()
    command = [
        sys.executable, "-m", "celery", "-A", "portal.celery", "beat", "-s", str(home / "beat"),
        "--pidfile=", "--loglevel", "WARNING",
    ]  # fmt: skip
    return Service.start("beat", command, environment=environment, home=home)


def start_nginx(
    environment: Mapping[str, str], *, port: int, web_port: int, home: Path
) -> Service | None:
    """Put an nginx in front of the sandbox, or return None where there is none."""
    binary = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if binary is None:
        return None
    directory = home / "nginx"
    directory.mkdir(parents=True, exist_ok=True)
    server = nginx.server_block(
        listen=f"127.0.0.1:{port}",
        portal=f"127.0.0.1:{web_port}",
        gateway_key=environment["PORTAL_GATEWAY_KEY"],
        logs=str(directory),
    )
    configuration = directory / "nginx.conf"
    configuration.write_text(nginx.standalone(server, directory=directory))
    command = [binary, "-p", str(directory), "-c", str(configuration), "-g", "daemon off;"]
    service = Service.start("nginx", command, environment=environment, home=home)
    wait_until_listening(service, port, home=home)
    return service


def wait_until_ready(service: Service, url: str, *, home: Path) -> None:
    end = time.monotonic() + _READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            _check_alive(service, end, home)


def wait_until_listening(service: Service, port: int, *, home: Path) -> None:
    end = time.monotonic() + _READY_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            _check_alive(service, end, home)


def _check_alive(service: Service, end: float, home: Path) -> None:
    if not service.is_running or time.monotonic() > end:
        log = home / "log" / f"{service.name}.log"
        tail = log.read_text(errors="replace")[-2000:]
        raise EngineError(f"{service.name} did not start. The end of {log}:\n{tail}")
    time.sleep(0.1)


def manage(*arguments: str, environment: Mapping[str, str]) -> None:
    """Run a management command to its end; its output is ours."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=BASE_DIR, env=dict(environment), check=False)  # noqa: S603
    if done.returncode:
        raise EngineError(f"manage.py {arguments[0]} failed.")
