"""The server in front of the portal, as `deploy/` has it, with a real nginx."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.stack import require_program

pytestmark = pytest.mark.nginx


@pytest.fixture
def port(tmp_path) -> Iterator[int]:
    """Start nginx with the deployment's configuration, without TLS and with nothing behind it."""
    require_program("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = (Path(settings.BASE_DIR) / "deploy/nginx-portal.conf").read_text()
    server = re.sub(r"server \{\s+listen 80;.*?\n\}", "", server, flags=re.DOTALL)
    server = re.sub(r"  ssl_.*\n|  (access|error)_log .*\n", "", server)
    # So slow that no test machine is slower: what is let through is the burst alone.
    server = server.replace("rate=50r/s", "rate=1r/m")
    server = server.replace("listen 443 ssl http2", f"listen 127.0.0.1:{port}")
    server = server.replace("server 127.0.0.1:8000", "server 127.0.0.1:9")
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"user root; daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off;\n{server}\n}}\n"
    )
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin") or "nginx"
    running = subprocess.Popen([program, "-p", str(tmp_path), "-c", str(configuration)])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        running.terminate()
        running.wait()


def test_pitfall_28_who_asks_too_often_is_told_to_wait(port):
    answers = []
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(110):
        connection.request("POST", "/oauth/token", headers={"Host": "portal.example"})
        answer = connection.getresponse()
        answers.append((answer.status, answer.getheader("Retry-After"), answer.read()))
    connection.close()

    assert [status for status, _, _ in answers] == [502] * 101 + [429] * 9
    assert {wait for _, wait, _ in answers[101:]} == {"1"}
    assert b"temporarily_unavailable" in answers[-1][2]


def test_other_pages_are_not_counted(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(200):
        connection.request("GET", "/apis/", headers={"Host": "portal.example"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 502
    connection.close()
