"""What takes part in the comparison of authorization servers, and what each of them is asked."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlencode

import requests

from benchmarks.load import CONNECTIONS, Repeated, Work, request

CALLBACK = "https://app.example/callback"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:43]
CUSTOMERS = 64


class Client(NamedTuple):
    id: str
    secret: str


@dataclass
class Contestant:
    """A running server with a client that has a secret, and codes that it issued to the client.

    `alone` is the client that asks for itself: some know only one grant for each client.
    `make_codes` has so many more issued, `batch` is how many that is at once.
    `processes` are the ids of all that works for it: the server and its stores.
    """

    name: str
    base: str
    token_path: str
    introspection_path: str
    client: Client
    alone: Client
    scope: str
    make_codes: Callable[[int], list[str]]
    batch: int
    processes: Sequence[int]
    # How long one measurement takes; the slow ones need time for a fair count.
    seconds: float = 1.5
    codes: list[str] = field(default_factory=list)
    refreshing: dict[int, str] = field(default_factory=dict)
    introspected: list[str] = field(default_factory=list)

    def check(self) -> None:
        """See it tell a good client from a bad one before anything is measured."""
        form = {"grant_type": "client_credentials", "scope": self.scope}
        stranger = Client(self.alone.id, f"{self.alone.secret[:-1]}-")
        for client, wanted in ((self.alone, 200), (stranger, 401)):
            answer = requests.post(self.base + self.token_path, form, auth=client, timeout=30)
            if answer.status_code != wanted:
                raise RuntimeError(f"{self.name} answered {answer.status_code}: {answer.text}")

    def client_credentials(self) -> Work:
        form = {"grant_type": "client_credentials", "scope": self.scope}
        asked = self._post(self.token_path, form, self.alone)
        return Repeated(itertools.repeat(asked), b'"access_token"')

    def exchange(self) -> Work:
        """Use up codes. Before anything is measured there are enough of them, and fresh ones."""
        self._keep_codes(self.batch // 2)
        return Repeated(map(self._exchange, self._used_up()), b'"refresh_token"')

    def refresh(self) -> Work:
        missing = range(len(self.refreshing), CONNECTIONS)
        self.refreshing |= {place: self._tokens()["refresh_token"] for place in missing}
        return Refreshing(self)

    def introspection(self) -> Work:
        missing = range(len(self.introspected), CONNECTIONS)
        self.introspected += [self._tokens()["access_token"] for _ in missing]
        asked = [
            self._post(self.introspection_path, {"token": token}, self.client)
            for token in self.introspected
        ]
        return Repeated(itertools.cycle(asked), b'"scope"')

    def refresh_with(self, token: str) -> bytes:
        return self._token(grant_type="refresh_token", refresh_token=token)

    def _exchange(self, code: str) -> bytes:
        return self._token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=CALLBACK,
            code_verifier=VERIFIER,
        )

    def _keep_codes(self, count: int) -> None:
        if len(self.codes) < count:
            self.codes += self.make_codes(self.batch)

    def _used_up(self) -> Iterator[str]:
        while self.codes:
            yield self.codes.pop()

    def _token(self, **form: str) -> bytes:
        return self._post(self.token_path, form, self.client)

    def _post(self, path: str, form: dict[str, str], client: Client) -> bytes:
        pair = base64.b64encode(":".join(client).encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        return request(self.base, path, form=urlencode(form), headers=headers)

    def _tokens(self) -> dict[str, str]:
        self._keep_codes(1)
        form = {
            "grant_type": "authorization_code",
            "code": self.codes.pop(),
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        answer = requests.post(self.base + self.token_path, form, auth=self.client, timeout=30)
        answer.raise_for_status()
        return dict(answer.json())


@dataclass(frozen=True, slots=True)
class Refreshing:
    """Each connection refreshes with the refresh token that its last answer held."""

    of: Contestant

    def first(self, place: int) -> bytes:
        return self.of.refresh_with(self.of.refreshing[place])

    def after(self, place: int, body: bytes) -> bytes:
        self.of.refreshing[place] = json.loads(body)["refresh_token"]
        return self.first(place)
