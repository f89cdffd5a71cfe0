"""What the applications' software does, and what must come of it each time.

Every deed goes through the endpoint that partners call. The shadow says beforehand whether it may
succeed; then it follows.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from catalog.scopes.models import Scope
from consent.arrangements.models import Reading
from consent.gateway.answers import answer
from consent.gateway.calls import Call
from consent.gateway.decision import Reason
from consent.oauth import grants
from tests.consent.arrangements.shadow import (
    NEEDED,
    OPEN,
    RETRY_WINDOW,
    App,
    Issued,
    Pair,
    Sharing,
)

PATHS = {"/things": NEEDED, "/extra": "extra:read", "/more": "more:read", "/shops": OPEN}
POINTERS: dict[str, set[str]] = {
    NEEDED: {"/need/name"}, "extra:read": {"/extra"}, "more:read": set()
}  # fmt: skip


class Software:
    def __init__(self, apps: tuple[App, App], api_slug: str, happened: Counter[str]) -> None:
        self.apps, self.api_slug, self.happened = apps, api_slug, happened
        self.customer = apps[0].world.customer
        self.customer_is_active = True
        self.issued: list[Issued] = []

    @property
    def now(self) -> datetime:
        return timezone.now()

    def note(self, what: str) -> None:
        self.happened[what] += 1

    def exchange(self, code: Issued) -> Pair | None:
        now, scopes = self.now, code.allowed()
        is_good = self.customer_is_active and code.counts(now)
        may = is_good and not code.app.is_suspended and bool(scopes)
        status, body = _answered(code.app.world.exchange(code.raw))
        assert (status == 200) == may
        if may:
            self.note("exchanged")
            return self._issue(code, body, scopes)
        if code.over_at is not None and not code.app.is_suspended and not code.is_gone:
            self.note("code replayed")
            code.end_family(now)
        elif is_good and not code.app.is_suspended:
            code.over_at = now
        return None

    def refresh(self, pair: Pair, asked: set[str]) -> Pair | None:
        shown, now = pair.refresh, self.now
        allowed = shown.allowed()
        scopes = tuple(name for name in allowed if name in asked) if asked else allowed
        form = {"scope": " ".join(sorted(asked))} if asked else {}
        status, body = _answered(shown.app.world.refresh(shown.raw, **form))
        if shown.app.is_suspended or shown.is_gone:
            assert status in {400, 401}
            return None
        if shown.over_at is not None:
            self._come_back(shown, status, body)
            return None
        may = self.customer_is_active and shown.counts(now) and bool(scopes)
        may = may and asked <= set(allowed)
        assert (status == 200) == may
        self.note("refreshed" if may else "not refreshed")
        return self._issue(shown, body, scopes) if may else None

    def revoke_token(self, token: Issued) -> None:
        answered = token.app.world.post("/oauth/revoke", token=token.raw)
        assert answered.status_code == (401 if token.app.is_suspended else 200)
        if answered.status_code == 200 and not token.is_gone:
            token.end_family(self.now)

    def call(self, token: Issued, path: str) -> None:
        now, needed = self.now, PATHS[path]
        may = (
            self.customer_is_active
            and not token.app.is_suspended
            and token.counts(now)
            and needed in token.allowed()
        )
        target = f"/{self.api_slug}/v1{path}"
        bearer = [f"Bearer {token.raw}"]
        said = answer(Call.read(method="GET", target=target, authorization=bearer), at=now)
        assert (said.reason is Reason.ALLOWED) == may, said.reason
        self.note("called" if may else "refused")
        if not may or needed == OPEN:
            return
        shared = set(token.allowed()) - {OPEN}
        assert (said.arrangement_id, said.scopes) == (token.sharing.pk, shared)
        if path == "/things":
            fields = {"/id"}.union(*(POINTERS[name] for name in shared))
            assert set(said.fields or ()) == fields
        # I24: what the customer's history shows was shared under some version.
        read = Reading.objects.filter(arrangement=token.sharing.pk)
        ever = frozenset.union(*token.sharing.versions)
        known = set(Scope.objects.filter(name__in=ever).values_list("cluster_code", flat=True))
        assert {code for row in read for code in row.cluster_codes} <= known

    def introspect(self, token: Issued) -> None:
        app = token.app
        response = app.world.post("/oauth/introspect", token=token.raw)
        if app.is_suspended:
            assert response.status_code == 401
            return
        told = response.json()
        if not (self.customer_is_active and token.counts(self.now)):
            assert told == {"active": False}
            return
        assert told["active"] is True
        assert set(told["scope"].split()) == set(token.allowed())
        assert told["exp"] == int(token.ends_at.timestamp())
        assert told["grant_id"] == str(token.sharing.pk)
        # I15, I16: one name for each application, that is no name of the person.
        app.subject = app.subject or told["sub"]
        assert told["sub"] == app.subject != self.other(app).subject
        user = self.customer.user
        assert not {user.email, user.name} & {str(value) for value in told.values()}

    def try_as_the_other(self, pair: Pair) -> None:
        other = self.other(pair.access.app)
        if other.is_suspended:
            return
        assert other.world.refresh(pair.refresh.raw).json()["error"] == "invalid_grant"
        assert other.world.post("/oauth/revoke", token=pair.refresh.raw).status_code == 200
        told = other.world.post("/oauth/introspect", token=pair.access.raw).json()
        assert told == {"active": False}
        pk, client = pair.access.sharing.pk, other.world.client
        assert grants.find_grant(pk, client=client, at=self.now) is None

    def give_back(self, app: App, sharing: Sharing) -> None:
        found = grants.find_grant(sharing.pk, client=app.world.client, at=self.now)
        assert (found is not None) == (sharing.runs(self.now) and sharing.is_claimed)
        if found is not None:
            grants.revoke_grant(found, client=app.world.client)
            sharing.end("revoked", self.now)
            self.note("returned")

    def other(self, app: App) -> App:
        return self.apps[app is self.apps[0]]

    def _issue(self, source: Issued, body: dict[str, Any], scopes: tuple[str, ...]) -> Pair:
        """Note what was issued; I23: a refresh lengthens, widens and moves nothing."""
        pair = source.follow(body["access_token"], body["refresh_token"], scopes, self.now)
        assert set(body["scope"].split()) == set(scopes) <= set(source.scopes)
        assert body["grant_id"] == str(source.sharing.pk)
        assert self.now + timedelta(seconds=body["expires_in"] - 1) < source.sharing.ends_at
        self.issued += [pair.access, pair.refresh]
        source.app.pairs.append(pair)
        return pair

    def _come_back(self, shown: Issued, status: int, body: dict[str, Any]) -> None:
        """Say what a refresh token gets that was used or revoked before."""
        after, now = shown.successor, self.now
        assert shown.over_at is not None
        is_soon = now - shown.over_at < RETRY_WINDOW
        if after is None or after.refresh.over_at or after.refresh.is_gone or not is_soon:
            assert status == 400
            shown.end_family(now)
            self.note("refresh replayed")
            return
        may = self.customer_is_active and shown.is_backed(now) and after.access.over_at is None
        assert (status == 200) == may
        if may:
            self.note("answered again")
            pair = (after.access.raw, after.refresh.raw)
            assert (body["access_token"], body["refresh_token"]) == pair


def _answered(response: Any) -> tuple[int, dict[str, Any]]:
    body = response.json()
    if response.status_code != 200:
        assert body["error"] in {"invalid_grant", "invalid_scope", "invalid_client"}
    return response.status_code, body
