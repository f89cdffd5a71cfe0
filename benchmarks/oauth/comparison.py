"""Tokens and introspection in a second, beside two other authorization servers."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.load import Work
from benchmarks.oauth import servers
from benchmarks.oauth.contestant import Contestant
from benchmarks.rounds import Runner, compare
from tests.stack import Stack

# What is asked, and whether the toolkit has a target there: introspection's belongs to the edge.
KINDS: dict[str, tuple[Callable[[Contestant], Work], bool]] = {
    "client credentials": (Contestant.client_credentials, True),
    "code exchange (PKCE)": (Contestant.exchange, True),
    "refresh": (Contestant.refresh, True),
    "introspection": (Contestant.introspection, False),
}
TARGETS = {servers.TUNED: 3.0, servers.DOCUMENTED: 100.0}
NOTES = """
ours: a sandbox client with a secret, compared as a keyed digest; tokens only as digests; each
exchange and refresh under the lock of the customer's arrangement, in one transaction with its
event; each request noted for the client's developers; used codes are remembered.
django-oauth-toolkit as documented: startproject's middleware, PBKDF2 for the client's secret, a new
connection to PostgreSQL for each request, DEBUG off. Tokens and codes are in plain text; no
consent, no events, no record of a used code.
django-oauth-toolkit, no hashing: the same with hash_client_secret=False and lasting connections.
oidc-provider, memory: nothing outlives the process. oidc-provider, Redis: an adapter in our Redis,
whose file is written once a second, so less durable than a commit; a code's use is not guarded
against a race. Both: no customers' consent beside its own grants, no events.
All: one process of the web server (granian with 8 threads, or Node), 8 keep-alive connections, HTTP
Basic, rotating refresh tokens, loopback without TLS, PostgreSQL with fsync on.
"""


def oauth_figures(stack: Stack) -> tuple[list[Figure], list[str]]:
    notes = _sentences(NOTES)
    with tempfile.TemporaryDirectory() as home, ExitStack() as started:
        ours = servers.portal(stack)
        peers = [
            started.enter_context(servers.toolkit(Path(home), tuned=True)),
            started.enter_context(servers.toolkit(Path(home), tuned=False)),
        ]
        if missing := servers.install_provider():
            notes.append(f"oidc-provider is left out: {missing}.")
        else:
            peers += [
                started.enter_context(servers.provider(in_redis=False)),
                started.enter_context(servers.provider(in_redis=True)),
            ]
        for contestant in (ours, *peers):
            contestant.check()
        return list(_figures(ours, peers)), notes


def _figures(ours: Contestant, peers: list[Contestant]) -> Iterator[Figure]:
    for name, (kind, has_target) in KINDS.items():
        targets = TARGETS if has_target else {}
        yield from compare(
            name, _runner(ours, kind), [_runner(peer, kind) for peer in peers], targets=targets
        )


def _runner(contestant: Contestant, kind: Callable[[Contestant], Work]) -> Runner:
    return Runner(
        contestant.name,
        contestant.base,
        lambda: kind(contestant),
        contestant.processes,
        contestant.seconds,
    )


def _sentences(text: str) -> list[str]:
    """Return each note, which begins with a name and a colon, as one line."""
    whole = text.strip().replace("\n", " ")
    return re.split(r"(?<=\.) (?=(?:ours|django-oauth-toolkit|oidc-provider, memory|All)\b)", whole)
