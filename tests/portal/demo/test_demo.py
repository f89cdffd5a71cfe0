"""The demo starts, refuses a twin, survives `kill -9` and stops as one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

BASE = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture
def environment(tmp_path):
    """Return what a person's shell has: none of this test run's settings."""
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {
        **plain,
        "PORT": str(_free_port()),
        "GATEWAY_PORT": str(_free_port()),
        "PORTAL_DATA_DIR": str(tmp_path / "portal"),
    }


@pytest.fixture
def start(environment, tmp_path):
    started: list[subprocess.Popen[bytes]] = []

    def run() -> subprocess.Popen[bytes]:
        with (tmp_path / "output").open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "portal.demo"],
                cwd=BASE,
                env=environment,
                stdout=output,
                stderr=output,
            )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(30)


def test_a_killed_demo_leaves_nothing_in_the_way_of_the_next(start, environment, tmp_path):
    first = start()
    _wait_until_served(first, environment, tmp_path)
    children = psutil.Process(first.pid).children(recursive=True)
    assert len(children) >= 5

    twin = subprocess.run(
        [sys.executable, "-m", "portal.demo"],
        cwd=BASE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert twin.returncode == 1
    assert "already runs here" in twin.stdout

    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert [child.name() for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []

    second = start()
    _wait_until_served(second, environment, tmp_path)
    children = psutil.Process(second.pid).children(recursive=True)
    second.send_signal(signal.SIGINT)
    assert second.wait(30) == 0
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []


def _wait_until_served(
    process: subprocess.Popen[bytes], environment: dict[str, str], tmp_path: Path
) -> None:
    output = tmp_path / "output"
    end = time.monotonic() + 120
    marker = output.read_text().count("Meridian is ready")
    while output.read_text().count("Meridian is ready") == marker:
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < end, output.read_text()
        time.sleep(0.2)
    with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}/") as page:
        assert page.status == 200


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
