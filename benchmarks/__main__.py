"""`make bench`: each figure beside its peer or its limit, measured in the same run.

Everything runs on this machine's loopback, for a bounded time. Rounds alternate A, B, B, A, so that
what else the machine does falls on both; the ratio is the median over the rounds.
"""

from __future__ import annotations

import http.client
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import tests.engines  # noqa: F401 - starts the engines before Django reads its settings
from tests.flows import journey
from tests.flows.person import Person
from tests.shared_documents import ROOT
from tests.stack import PASSWORD, Stack, running_stack

RESULTS = Path(__file__).parent / "results"
ROUNDS = 4
SECONDS = 2.0
THREADS = 4


@dataclass(frozen=True)
class Figure:
    """`ratio` is ours divided by the peer's, or the limit divided by ours: more is better."""

    name: str
    ours: float
    beside: str
    theirs: float
    unit: str
    ratio: float


def main() -> int:
    with tempfile.TemporaryDirectory() as home, running_stack(Path(home)) as stack:
        figures = [*decision_figures(stack), *withdrawal_figures(stack)]
    figures += import_figures()
    RESULTS.mkdir(exist_ok=True)
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "cores": os.cpu_count()},
        "figures": [asdict(figure) for figure in figures],
    }
    (RESULTS / "latest.json").write_text(json.dumps(report, indent=2) + "\n")
    print(f"\n{'figure':38} {'ours':>8} {'beside it':>30} {'theirs':>8} {'ratio':>6}")
    for one in figures:
        told = f"{one.name:38} {one.ours:>8.1f} {one.beside:>30} {one.theirs:>8.1f}"
        print(f"{told} {one.ratio:>6.2f}  {one.unit}")
    return 0


def decision_figures(stack: Stack) -> list[Figure]:
    """Compare the decision with a view of the same server that does nothing but answer."""
    client = live_client(stack)
    token = client.take(journey.agree(customer(stack), client, optional=[]))["access_token"]
    ask = {
        "X-Gateway-Key": stack.environment["PORTAL_GATEWAY_KEY"],
        "X-Original-Method": "GET",
        "X-Original-URI": "/prescriptions/v1/prescriptions",
        "Authorization": f"Bearer {token}",
    }
    stack.sql_do("UPDATE plans_limit SET call_count = 1000000000")
    nothing = lambda: rate(stack.portal, "/healthz", {})  # noqa: E731
    decide = lambda: rate(stack.portal, "/gateway/nginx", ask)  # noqa: E731
    whole = lambda: rate(  # noqa: E731
        stack.gateway, "/prescriptions/v1/prescriptions", {"Authorization": f"Bearer {token}"}
    )
    return [
        paired("decision, consent live", decide, "do-nothing view, same server", nothing),
        paired("call through nginx with decision", whole, "do-nothing view, same server", nothing),
    ]


def withdrawal_figures(stack: Stack) -> list[Figure]:
    client, person = live_client(stack), customer(stack)
    waits = []
    for _ in range(20):
        token = client.take(journey.agree(person, client, optional=[]))["access_token"]
        person.open("/me/apps/halden-refill/stop/")
        person.submit(button="Stop sharing", follow=False)
        begun = time.perf_counter()
        refused = client.call(token, "/prescriptions")
        waits.append(1000 * (time.perf_counter() - begun))
        if refused.status_code != 401:
            raise RuntimeError("A call passed after the withdrawal.")
    worst = max(waits)
    return [Figure("withdrawal to refusal, worst of 20", worst, "limit", 100, "ms", 100 / worst)]


def import_figures() -> list[Figure]:
    if not ROOT.is_dir():
        print("The public descriptions are not here: the import is left out.")
        return []
    begun = time.perf_counter()
    command = [sys.executable, "manage.py", "import_specs", str(ROOT / "public")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - begun
    return [Figure("import of the public descriptions", took, "limit", 300, "s", 300 / took)]


def paired(
    name: str, ours: Callable[[], float], beside: str, theirs: Callable[[], float]
) -> Figure:
    ours()
    theirs()
    rounds = []
    for number in range(ROUNDS):
        order = (ours, theirs) if number % 2 == 0 else (theirs, ours)
        first, second = order[0](), order[1]()
        rounds.append((first, second) if number % 2 == 0 else (second, first))
    ratio = statistics.median(mine / peer for mine, peer in rounds)
    mine = statistics.median(mine for mine, _ in rounds)
    peer = statistics.median(peer for _, peer in rounds)
    return Figure(name, mine, beside, peer, "calls/s", ratio)


def rate(base: str, path: str, headers: dict[str, str]) -> float:
    """Return the calls a second that a few keep-alive connections get answered without an error."""
    counts = [0] * THREADS
    end = time.perf_counter() + SECONDS

    def run(place: int) -> None:
        address = urlsplit(base)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        while time.perf_counter() < end:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 400:
                raise RuntimeError(f"{path} answered {answer.status}.")
            counts[place] += 1
        connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def customer(stack: Stack) -> Person:
    person = Person(stack.portal)
    person.sign_in("leila@example.net", PASSWORD)
    return person


def live_client(stack: Stack) -> journey.Client:
    """Return the demo's live application as a client that needs no proof for each call.

    A bound token takes a fresh signature each time: that would measure what makes the load.
    """
    stack.sql_do("UPDATE applications_client SET profile = 'sandbox'")
    partner = journey.Partner(stack.portal)
    partner.sign_in("amara@halden.example", PASSWORD)
    stack.sql_do("UPDATE applications_credential SET revoked_at = now()")
    partner.open("/apps/halden-refill/production/credentials/")
    partner.submit(button="Make a secret")
    if "Is it still you?" in partner.words:
        partner.submit(password=PASSWORD)
    credentials = journey.shown_credentials(partner)
    return journey.Client(stack, credentials, callback="http://127.0.0.1:8765/callback")


if __name__ == "__main__":
    sys.exit(main())
