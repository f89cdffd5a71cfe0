"""What can be tried of `make bench` in moments: its load, its figures, its peers' set-up."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from benchmarks import figures, load, machine
from benchmarks.oauth.contestant import Client, Contestant
from benchmarks.rounds import Runner, compare
from tests.stack import require_program

PEERS = Path(__file__).parents[1] / "benchmarks" / "peers"


class Answering(BaseHTTPRequestHandler):
    """A server that keeps its connections, as all that are measured do."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, str]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((body.decode(), self.headers["X-One"]))
        self._answer(200, b"token")

    def do_GET(self) -> None:
        self._answer(403, b"no")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of a connection that a test has cut."""


@pytest.fixture
def base():
    with Server(("127.0.0.1", 0), Answering) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def asking(base: str, *, wanted: bytes = b"token", times: int = 40) -> load.Work:
    asked = load.request(base, "/good", form="a=b", headers={"X-One": "1"})
    return load.Repeated(itertools.islice(itertools.repeat(asked), times), wanted)


def contestant(make_codes, *, batch: int) -> Contestant:
    one = Client("id", "secret")
    paths = {"token_path": "/token", "introspection_path": "/introspect"}
    return Contestant(
        "ours", "http://127.0.0.1:1", **paths, client=one, alone=one, scope="read",
        make_codes=make_codes, batch=batch, processes=[],
    )  # fmt: skip


def test_the_load_counts_what_was_answered(base):
    count, seconds = load.run(base, asking(base), seconds=20)

    assert count == 40
    assert seconds > 0
    assert Answering.asked[-1] == ("a=b", "1")


def test_a_refusal_or_another_answer_ends_the_measurement(base):
    refused = load.Repeated(itertools.repeat(load.request(base, "/bad")), b"")

    with pytest.raises(RuntimeError, match="Answered 403"):
        load.run(base, refused, seconds=20)
    with pytest.raises(RuntimeError, match="Not what was asked for"):
        load.run(base, asking(base, wanted=b"else"), seconds=20)


def test_rounds_put_ours_beside_each_peer(base):
    runners = [Runner(name, base, lambda: asking(base, times=8), [os.getpid()]) for name in "ab"]

    (figure,) = compare("the same", runners[0], [runners[1]], targets={"b": 0.0})

    assert (figure.beside, figure.verdict) == ("b", "reached")
    assert figure.ours > 0
    assert figure.theirs > 0


def test_a_round_without_an_answer_says_whose_it_was(base):
    works = itertools.chain([asking(base, times=8)], itertools.repeat(asking(base, times=0)))
    idle = Runner("idle", base, lambda: next(works), [os.getpid()])

    with pytest.raises(RuntimeError, match="idle was asked nothing"):
        compare("the same", idle, [], targets={})


def test_codes_are_made_before_they_run_out():
    batches = []

    def make_codes(count: int) -> list[str]:
        batches.append(count)
        return [f"code-{len(batches)}-{number}" for number in range(count)]

    asked = contestant(make_codes, batch=6)

    for _ in range(3):
        assert len([asked.exchange().first(place) for place in range(2)]) == 2

    assert batches == [6, 6]
    assert len(asked.codes) == 6


def test_figures_say_whether_the_target_was_reached(capsys):
    found = [
        figures.within("a wait", 50.0, limit=100, unit="ms"),
        figures.within("another", 200.0, limit=100, unit="ms"),
        figures.Figure("no promise", 1.0, "peer", 2.0, "answers/s", 0.5),
    ]

    figures.tell(found, ["a note"])

    assert [one.verdict for one in found] == ["reached", "missed", ""]
    assert "a note" in capsys.readouterr().out


def test_processor_time_counts_children():
    before = machine.worked([os.getpid()])
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)

    assert machine.worked([os.getpid()]) > before
    assert machine.busy() > 0


def test_the_toolkit_is_set_up_so_that_it_starts():
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.peers.toolkit.settings",
        "BENCH_DATABASE_URL": os.environ["DATABASE_URL"],
    }

    subprocess.run([sys.executable, "-m", "django", "check"], env=environment, check=True)


def test_the_providers_program_is_one():
    require_program("node")
    subprocess.run(["node", "--check", PEERS / "provider" / "server.mjs"], check=True)
    lock = (PEERS / "provider" / "package-lock.json").read_text()

    assert '"integrity"' in lock
    assert "resolved" not in lock


@pytest.mark.parametrize(
    ("rank", "expected"), [(50, 100), (99, 198), (100, 200), (0, 1)], ids=["50", "99", "100", "0"]
)
def test_a_percentile_is_one_of_the_measured_values(rank, expected):
    assert figures.percentile(range(200, 0, -1), rank) == expected


def test_one_value_is_every_percentile_of_itself():
    assert figures.percentile([7.5], 99) == 7.5
