"""The gateway's question beside a view of the same server that does nothing but answer."""

from __future__ import annotations

import itertools

from benchmarks import load
from benchmarks.figures import Figure
from benchmarks.live import CALLBACK, customer
from benchmarks.rounds import Runner, compare
from tests.flows import journey
from tests.flows.person import Person
from tests.flows.software import LiveClient
from tests.stack import PASSWORD, Stack

PATH = "/prescriptions/v1/prescriptions"
# More than one measurement uses up; a proof is good for one call within a minute.
PROOFS = 1500
NOTES = [
    "A bound token's proof is verified and remembered in Redis each time.",
    "The limits of all plans are lifted for these figures, so that nobody is refused.",
]


def decision_figures(stack: Stack, live: LiveClient) -> list[Figure]:
    """Measure a token that is bound to a key, as production wants it, and one of the sandbox."""
    stack.sql_do("UPDATE plans_limit SET call_count = 1000000000")  # nobody is to be refused
    bound = live.take(journey.agree(customer(stack), live, optional=[]))["access_token"]
    plain = _sandbox_token(stack)
    works = [service.process.pid for service in stack.running]
    nothing = Runner(
        "do-nothing view, same server",
        stack.portal,
        lambda: _repeated(stack.portal, "/healthz", {}, b'"'),
        works,
    )
    figures = []
    for name, token in (("bound token", bound), ("bearer token of the sandbox", plain)):
        ask = Asking(stack, live, token)
        asked = Runner("ours", stack.portal, ask.decision, works)
        called = Runner("ours", stack.gateway, ask.call, works)
        figures += compare(f"decision, {name}", asked, [nothing], targets={})
        figures += compare(f"call through nginx, {name}", called, [nothing], targets={})
    return figures


class Asking:
    """Calls with one token; a token that is bound comes with a fresh proof each time."""

    def __init__(self, stack: Stack, live: LiveClient, token: str) -> None:
        self.stack, self.live, self.token = stack, live, token

    def decision(self) -> load.Work:
        as_gateway = {
            "X-Gateway-Key": self.stack.environment["PORTAL_GATEWAY_KEY"],
            "X-Original-Method": "GET",
            "X-Original-URI": PATH,
        }
        return self._work(self.stack.portal, "/gateway/nginx", as_gateway, b"")

    def call(self) -> load.Work:
        return self._work(self.stack.gateway, PATH, {}, b"{")

    def _work(self, base: str, path: str, beside: dict[str, str], wanted: bytes) -> load.Work:
        known = self.live.tokens.get(self.token)
        if known is None:
            shown = {"Authorization": f"Bearer {self.token}"}
            return _repeated(base, path, beside | shown, wanted)
        url = f"{self.stack.gateway}{PATH}"
        key = known.dpop_key
        proofs = [self.live.proof(key, "GET", url, self.token) for _ in range(PROOFS)]
        asked = [load.request(base, path, headers=beside | proof) for proof in proofs]
        return load.Repeated(iter(asked), wanted)


def _repeated(base: str, path: str, headers: dict[str, str], wanted: bytes) -> load.Work:
    asked = load.request(base, path, headers=headers)
    return load.Repeated(itertools.repeat(asked), wanted)


def _sandbox_token(stack: Stack) -> str:
    """Let a test customer agree in the sandbox, where a secret is enough."""
    partner = journey.Partner(stack.portal)
    partner.sign_in("amara@halden.example", PASSWORD)
    partner.open("/apps/halden-refill/sandbox/credentials/")
    partner.submit(button="Make a secret")
    client = journey.Client(stack, journey.shown_credentials(partner), callback=CALLBACK)
    person = Person(stack.portal)
    person.sign_in("all@sandbox.example", PASSWORD)
    return str(client.take(journey.agree(person, client, optional=[]))["access_token"])
