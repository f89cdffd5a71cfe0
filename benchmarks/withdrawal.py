"""How long it takes from a customer's no to the first refused call."""

from __future__ import annotations

import time

from benchmarks.figures import Figure, within
from benchmarks.live import customer
from tests.flows import journey
from tests.flows.software import LiveClient
from tests.stack import Stack

TIMES = 20
LIMIT_MS = 100


def withdrawal_figures(stack: Stack, client: LiveClient) -> list[Figure]:
    person = customer(stack)
    waits = []
    for _ in range(TIMES):
        token = client.take(journey.agree(person, client, optional=[]))["access_token"]
        if client.call(token, "/prescriptions").status_code != 200:
            raise RuntimeError("A call was refused before the withdrawal.")
        person.open("/me/apps/halden-refill/stop/")
        person.submit(button="Stop sharing", follow=False)
        begun = time.perf_counter()
        refused = client.call(token, "/prescriptions")
        waits.append(1000 * (time.perf_counter() - begun))
        if refused.status_code != 401:
            raise RuntimeError("A call passed after the withdrawal.")
    name = f"withdrawal to refusal, worst of {TIMES}"
    return [within(name, max(waits), limit=LIMIT_MS, unit="ms")]
