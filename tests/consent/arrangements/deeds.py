"""What a customer does, and what must come of it each time.

Every deed goes through the action that the customer's pages use. The shadow says beforehand whether
it may succeed; then it follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from consent.arrangements import changing, ending
from consent.arrangements.models import Arrangement
from consent.oauth import asking, deciding, intents
from consent.oauth.models import AuthorizationIntent
from consent.oauth.parameters import Parameters
from consent.proofs.errors import OAuthError
from partners.organizations.actors import actor_of
from partners.subscriptions.access import uses_of
from portal.access.actors import Actor
from portal.accounts.models import User
from portal.accounts.sessions import Session
from portal.errors import Refused
from portal.secrets import new_secret
from tests.consent.arrangements import shadow
from tests.consent.arrangements.shadow import DATA, NEEDED, OPEN, App, Issued, Screen, Sharing
from tests.consent.arrangements.software import Software


class Deeds(Software):
    @property
    def person(self) -> Actor:
        return actor_of(User.objects.get(pk=self.customer.user_id))

    def open(self, app: App, scopes: Iterable[str], management: str = "") -> Screen | None:
        scopes, client = tuple(scopes), app.world.client
        running = app.running(self.now)
        parameters = app.world.request(scope=" ".join(scopes), state=new_secret())
        if management:
            parameters["grant_management_action"] = management
        if management in {"merge", "replace"}:
            parameters["grant_id"] = str(running.pk if running else UUID(int=0))
        uses = uses_of(client, at=self.now)
        is_known = management in {"", "create"} or (running is not None and running.is_claimed)
        may = is_known and any(name in DATA for name in scopes)
        try:
            read = asking.read_for(client, Parameters(parameters), uses=uses, was_pushed=False)
        except OAuthError:
            assert not may
            return None
        assert may
        intent = intents.open_intent(self.customer, client, read, uses=uses)
        ends_at = self.now + timedelta(minutes=10)
        return Screen(app, intent, scopes, management, app.ground(self.now), ends_at)

    def allow(self, screen: Screen, optional: set[str], *, last: bool = True) -> Issued | None:
        app, now = screen.app, self.now
        chosen = {name for name in screen.asked if name in DATA and name in {*optional, NEEDED}}
        may = (
            not screen.is_decided
            and now < screen.expires_at
            and self.customer_is_active
            and not app.is_suspended
            and bool(chosen)
            and screen.ground == app.ground(now)
        )
        intent = self._fresh(screen)
        period = [each for each in intent.notice["periods"] if each["code"] != "once"][-last]
        try:
            went_to = deciding.approve_authorization(
                intent,
                by=self.person,
                optional=optional & set(screen.asked),
                period=period["code"],
                locale="en",
                authenticated_at=now,
                session=Session(name="a session"),
            )
        except Refused:
            assert not may
            self.note("stale" if screen.ground != app.ground(now) else "not allowed")
            return None
        # An end that moved without a new version makes some screens old and leaves others.
        assert may or screen.stands_but_for_its_end(now)
        self.note(f"allowed {screen.management}".strip())
        screen.is_decided = True
        sharing = self._agree(screen, chosen, datetime.fromisoformat(period["ends_at"]))
        granted = [name for name in screen.asked if name in chosen or name == OPEN]
        if screen.management == "merge":
            granted += sorted(sharing.scopes - set(granted))
        raw = parse_qs(urlsplit(went_to).query)["code"][0]
        lasts = now + shadow.CODE_LIFETIME
        code = Issued(raw, app, sharing, sharing.version, tuple(granted), lasts, [], sharing.epoch)
        sharing.codes.append(code)
        app.codes.append(code)
        return code

    def deny(self, screen: Screen) -> None:
        may = not screen.is_decided and self.now < screen.expires_at
        try:
            deciding.deny_authorization(self._fresh(screen), by=self.person)
        except Refused:
            assert not may
        else:
            assert may
            screen.is_decided = True

    # --- The customer changes or ends what is shared ----------------------------------------------

    def narrow(self, sharing: Sharing, keep: set[str], *, is_old: bool) -> None:
        left = sharing.scopes & keep
        may = (
            self.customer_is_active
            and sharing.runs(self.now)
            and not is_old
            and keep <= sharing.scopes
            and (not left or NEEDED in left or NEEDED not in sharing.scopes)
        )
        row, seen = self.row(sharing), sharing.version - is_old
        try:
            changing.narrow_arrangement(row, by=self.person, keep=keep, seen_version=seen)
        except Refused:
            assert not may
            return
        assert may
        if not left:
            sharing.end("withdrawn", self.now)
        elif left != sharing.scopes:
            sharing.versions.append(left)
            self.note("narrowed")

    def shorten(self, sharing: Sharing, ends_at: datetime) -> None:
        may = self.customer_is_active and sharing.runs(self.now) and ends_at < sharing.ends_at
        try:
            changing.shorten_arrangement(self.row(sharing), by=self.person, ends_at=ends_at)
        except Refused:
            assert not may
            return
        assert may
        sharing.versions.append(sharing.scopes)
        sharing.ends_at = ends_at
        self.note("shortened")

    def pause_or_resume(self, sharing: Sharing, *, is_pause: bool) -> None:
        act = changing.pause_arrangement if is_pause else changing.resume_arrangement
        may = self.customer_is_active and sharing.runs(self.now)
        try:
            act(self.row(sharing), by=self.person)
        except Refused:
            assert not may
            return
        assert may
        sharing.status = "paused" if is_pause else "active"
        self.note(sharing.status)

    def withdraw(self, sharing: Sharing) -> None:
        """End it, or once more what ended before."""
        ending.withdraw_arrangement(self.row(sharing), by=self.person)
        sharing.end("withdrawn", self.now)
        self.note(sharing.status)

    def _agree(self, screen: Screen, chosen: set[str], ends_at: datetime) -> Sharing:
        app, now = screen.app, self.now
        for old in app.sharings:
            if not old.runs(now) or screen.management == "create":
                old.end("withdrawn", now)
        running = app.running(now)
        if running is None:
            pk = Arrangement.objects.get(client=app.world.client, status="active").pk
            app.sharings.append(Sharing(pk, ends_at, [frozenset(chosen)]))
            return app.sharings[-1]
        self.note("agreed anew")
        kept = running.scopes if screen.management == "merge" else frozenset()
        running.versions.append(frozenset(chosen) | kept)
        running.status, running.ends_at, running.asked_by = "active", ends_at, None
        return running

    def row(self, sharing: Sharing) -> Arrangement:
        return Arrangement.objects.get(pk=sharing.pk)

    def _fresh(self, screen: Screen) -> AuthorizationIntent:
        found = AuthorizationIntent.objects.select_related(
            "client__application__organization", "customer__user"
        )
        return found.get(pk=screen.intent.pk)
