"""How long it takes from the commit of a customer's no to the first refused call.

Worker and beat are stopped: nothing that they do is needed for it, and no mail is sent. Each call
goes through nginx to the gateway's decision and back.
"""

from __future__ import annotations

import time

from benchmarks.figures import Figure, percentile, within
from benchmarks.live import customer
from portal.demo import services
from tests.flows import journey
from tests.flows.person import Person
from tests.flows.software import LiveClient
from tests.stack import Stack

TIMES = 200
LIMIT_MS = 50
NOTES = [
    "From the instant of PostgreSQL's commit, as it kept it, to the refusal in the caller's hands.",
    "Worker and beat are stopped meanwhile. Redis stays: without it no bound token opens anything.",
]
_COMMITTED = """
    SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8
    FROM arrangements_arrangement WHERE status = 'withdrawn' ORDER BY ended_at DESC LIMIT 1
"""


def withdrawal_figures(stack: Stack, client: LiveClient) -> list[Figure]:
    person = customer(stack)
    for name in ("worker", "beat"):
        service = stack.service(name)
        service.stop()
        stack.running.remove(service)
    try:
        waits = [_wait(stack, client, person) for _ in range(TIMES)]
    finally:
        stack.running.append(services.start_worker(stack.environment, home=stack.home))
        stack.running.append(services.start_beat(stack.environment, home=stack.home))
    name = f"withdrawal committed to refusal, p99 of {TIMES}"
    return [within(name, percentile(waits, 99), limit=LIMIT_MS, unit="ms")]


def _wait(stack: Stack, client: LiveClient, person: Person) -> float:
    """Return the milliseconds from one withdrawal's commit to the answer of the next call."""
    token = client.take(journey.agree(person, client, optional=[]))["access_token"]
    if client.call(token, "/prescriptions").status_code != 200:
        raise RuntimeError("A call was refused before the withdrawal.")
    person.open("/me/apps/halden-refill/stop/")
    person.submit(button="Stop sharing", follow=False)
    refused = client.call(token, "/prescriptions")
    answered_at = time.time()
    if refused.status_code != 401:
        raise RuntimeError("A call passed after the withdrawal.")
    [(committed_at,)] = stack.sql(_COMMITTED)
    return 1000 * (answered_at - float(committed_at))
