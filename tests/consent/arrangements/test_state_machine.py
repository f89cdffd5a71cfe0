"""Any order of what customer, two applications, staff and the clock may do keeps the invariants.

The rules choose. `deeds.py` and `software.py` do it and say what must come of it, `shadow.py`
remembers what ought to be, and `invariants.py` compares the rows with that after every step.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import hypothesis
import pytest
import time_machine
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from consent.arrangements import changing, ending
from consent.oauth.tasks import purge_expired
from partners.applications.actions import (
    reinstate_application,
    suspend_application,
)
from partners.applications.models import Application
from portal.accounts.models import User
from portal.events.log import deliver_due
from tests.consent.arrangements import invariants
from tests.consent.arrangements.deeds import Deeds
from tests.consent.arrangements.ground import START, Ground
from tests.consent.arrangements.shadow import DATA, KEPT, OPEN, App, Pair, Screen, Sharing
from tests.consent.arrangements.software import PATHS

TOTAL, PARTS, STEPS = 5_000, 4, 125
EXAMPLES, ROUNDS = 4, 20
# In each part, or its steps prove nothing. What else happened is printed.
MUST_HAPPEN = {
    "allowed", "agreed anew", "stale", "narrowed", "paused", "active", "withdrawn",
    "exchanged", "refreshed", "code replayed", "refresh replayed", "called", "refused",
}  # fmt: skip

SOME = st.sets(st.sampled_from(DATA))
WHICH = st.sampled_from([0, 1])
# Mostly the newest of its kind; how far back otherwise.
AGE = st.sampled_from([0, 0, 0, 0, 1, 2, 5])
SELDOM = st.integers(0, 7).map(lambda drawn: drawn == 7)
MANAGEMENT = st.sampled_from(["", "", "create", "merge", "replace"])
MOMENTS = st.sampled_from([1, 5, 29, 31, 61, 299])
AGES = st.sampled_from([3_700, 90_000, 8 * 86_400, 100 * 86_400])


class Machine(RuleBasedStateMachine):
    ground: ClassVar[Ground]

    def __init__(self) -> None:
        super().__init__()
        self.travel = time_machine.travel(START, tick=False)
        self.clock = self.travel.start()
        self.room = transaction.atomic()
        self.room.__enter__()
        ground = self.ground
        first = App(ground.first, (*DATA, OPEN))
        second = App(ground.second, ("extra:read", "more:read", OPEN))
        self.apps = (first, second)
        self.deeds = Deeds(self.apps, ground.api_slug, ground.happened)
        customer = ground.first.customer
        self.seen = invariants.Seen(customer.pk, customer.user_id)
        self.looked_at: object = None
        self.turn = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.room.__exit__(None, None, None)
        self.travel.stop()

    @initialize(optional=SOME)
    def begin(self, optional: set[str]) -> None:
        self.ground.beginnings += 1
        for app in self.apps:
            self.connect(app, optional)

    # --- The customer -----------------------------------------------------------------------------

    @rule(which=WHICH, asked=SOME, is_open=st.booleans(), management=MANAGEMENT)
    def open_a_screen(self, which: int, asked: set[str], is_open: bool, management: str) -> None:
        app = self.connected(which)[0]
        scopes = [name for name in app.asks if name in asked or (is_open and name == OPEN)]
        if (screen := self.deeds.open(app, scopes, management)) is not None:
            app.screens.append(screen)

    @rule(which=WHICH, age=AGE, optional=SOME, last=st.booleans(), is_no=SELDOM)
    def answer_a_screen(
        self, which: int, age: int, optional: set[str], last: bool, is_no: bool
    ) -> None:
        app = self.connected(which)[0]
        if not app.screens or (age == 0 and not app.screens[-1].is_open(self.deeds.now)):
            app.screens.append(self.opened(app))
        screen = app.screens[-1 - age % len(app.screens)]
        if is_no and self.deeds.customer_is_active:
            self.deeds.deny(screen)
        else:
            self.deeds.allow(screen, optional, last=last)

    @rule(which=WHICH, optional=SOME, management=MANAGEMENT, last=st.booleans())
    def agree(self, which: int, optional: set[str], management: str, last: bool) -> None:
        app = self.connected(which)[0]
        if (screen := self.deeds.open(app, app.asks, management)) is not None:
            self.deeds.allow(screen, optional, last=last)

    @rule(which=WHICH, keep=SOME, is_plain=st.booleans(), is_old=SELDOM)
    def narrow(self, which: int, keep: set[str], is_plain: bool, is_old: bool) -> None:
        _, sharing = self.connected(which)
        if is_plain:
            # One thing less, rather than anything.
            keep = set(sorted(sharing.scopes, reverse=True)[:-1]) or set(sharing.scopes)
        self.deeds.narrow(sharing, keep, is_old=is_old)

    @rule(which=WHICH, days=st.sampled_from([1, 30, 400]))
    def shorten(self, which: int, days: int) -> None:
        _, sharing = self.connected(which)
        self.deeds.shorten(sharing, self.deeds.now + timedelta(days=days))

    @rule(which=WHICH, is_pause=st.booleans())
    def pause_or_resume(self, which: int, is_pause: bool) -> None:
        _, sharing = self.connected(which)
        self.deeds.pause_or_resume(sharing, is_pause=is_pause or sharing.status == "active")

    @rule(which=WHICH, age=AGE, how=st.sampled_from(["this", "old", "all", "", "", "", ""]))
    def stop(self, which: int, age: int, how: str) -> None:
        app, sharing = self.connected(which)
        if not how or not self.deeds.customer_is_active:
            self.go_on(app)
        elif how == "all":
            ending.withdraw_everything(self.deeds.customer, by=self.deeds.person)
            for each in (*self.apps[0].sharings, *self.apps[1].sharings):
                each.end("withdrawn", self.deeds.now)
        else:
            old = app.sharings[-1 - age % len(app.sharings)]
            self.deeds.withdraw(sharing if how == "this" else old)

    # --- The applications' software ---------------------------------------------------------------

    @rule(which=WHICH, age=AGE)
    def exchange(self, which: int, age: int) -> None:
        app = self.connected(which)[0]
        if age == 0 and app.codes[-1].over_at:
            self.deeds.allow(self.opened(app), set(DATA))
        self.deeds.exchange(app.codes[-1 - age % len(app.codes)])

    @rule(which=WHICH, age=AGE, asked=st.sets(st.sampled_from([*DATA, OPEN]), max_size=2))
    def refresh(self, which: int, age: int, asked: set[str]) -> None:
        self.deeds.refresh(self.pair(which, age), asked)

    @rule(which=WHICH, age=AGE)
    def refresh_for_all(self, which: int, age: int) -> None:
        self.deeds.refresh(self.pair(which, age), set())

    @rule(which=WHICH, age=AGE, path=st.sampled_from(sorted(PATHS)))
    def call(self, which: int, age: int, path: str) -> None:
        self.deeds.call(self.pair(which, age).access, path)

    @rule(which=WHICH, age=AGE, is_other=SELDOM)
    def introspect(self, which: int, age: int, is_other: bool) -> None:
        pair = self.pair(which, age)
        self.deeds.introspect(pair.access)
        if is_other:
            self.deeds.try_as_the_other(pair)

    @rule(which=WHICH, how=st.sampled_from(["access", "refresh", "grant", "", "", "", ""]))
    def give_up(self, which: int, how: str) -> None:
        app, sharing = self.connected(which)
        pair = app.pairs[-1]
        if not how or app.is_suspended:
            self.go_on(app)
        elif how == "grant":
            self.deeds.give_back(app, sharing)
        else:
            self.deeds.revoke_token(pair.access if how == "access" else pair.refresh)

    # --- Staff, the clock and the jobs ------------------------------------------------------------

    @rule(which=WHICH, how=st.sampled_from(["revoke", "invalidate", "ask", "ask", "", "", ""]))
    def intervene(self, which: int, how: str) -> None:
        app, sharing = self.connected(which)
        row, by, now = self.deeds.row(sharing), self.ground.staff, self.deeds.now
        if how == "revoke":
            ending.revoke_arrangement(row, by=by, reason="security")
            sharing.end("revoked", now)
        elif how == "invalidate":
            ending.invalidate_arrangement(row, by=by, reason="fraud")
            sharing.end("invalidated", now)
        elif how == "ask":
            deadline = now + timedelta(days=60)
            changing.ask_again(row, by=by, deadline=deadline, notice="terms@2")
            if sharing.runs(now) and (sharing.asked_by is None or sharing.asked_by > deadline):
                sharing.asked_by, sharing.ends_at = deadline, min(sharing.ends_at, deadline)
        else:
            self.go_on(app)
        self.deeds.note(sharing.status)

    @rule(which=WHICH, is_so=SELDOM)
    def suspend_or_reinstate(self, which: int, is_so: bool) -> None:
        app = self.connected(which)[0]
        application = Application.objects.get(pk=app.world.client.application_id)
        if app.is_suspended:
            reinstate_application(application, by=self.ground.staff)
        elif is_so:
            suspend_application(application, by=self.ground.staff, reason="a test")
        else:
            self.go_on(app)
            return
        app.is_suspended = not app.is_suspended

    @rule(which=WHICH, is_so=SELDOM)
    def lock_or_unlock(self, which: int, is_so: bool) -> None:
        if self.deeds.customer_is_active and not is_so:
            self.go_on(self.connected(which)[0])
            return
        is_active = self.deeds.customer_is_active = not self.deeds.customer_is_active
        User.objects.filter(pk=self.deeds.customer.user_id).update(is_active=is_active)

    @rule(which=WHICH, seconds=MOMENTS, later=AGES, how=SELDOM, offset=st.sampled_from([-7.4, 0]))
    def pass_time(self, which: int, seconds: int, later: int, how: bool, offset: float) -> None:
        _, sharing = self.connected(which)
        end = sharing.ends_at + timedelta(seconds=offset)
        if how and end > self.deeds.now:
            self.clock.move_to(end)
        else:
            self.clock.shift(later if how else seconds)

    @rule(job=st.sampled_from(["expire", "purge", "deliver"]))
    def work(self, job: str) -> None:
        now = self.deeds.now
        if job == "deliver":
            deliver_due(limit=6)
        if job == "expire":
            ending.expire_overdue_arrangements()
        if job == "purge":
            purge_expired()
            for app in self.apps:
                app.screens = [one for one in app.screens if one.expires_at >= now - KEPT]
        for sharing in (each for app in self.apps for each in app.sharings):
            if job == "expire" and sharing.ends_at <= now:
                sharing.end("expired", now)
                self.deeds.note(sharing.status)
            if job == "purge":
                if sharing.is_unclaimed(now):
                    sharing.end("revoked", now)
                    self.deeds.note("unclaimed")
                invariants.forget([*sharing.codes, *self.deeds.issued], now)

    # --- After every step -------------------------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        self.ground.steps += 1
        invariants.check(self.apps, self.seen)
        deeds = self.deeds
        state = (self.seen.event, deeds.now, deeds.customer_is_active, len(deeds.issued))
        state = (*state, *(app.is_suspended for app in self.apps))
        if state != self.looked_at:
            invariants.tokens_count_exactly_while_they_ought_to(
                deeds.issued, deeds.now, customer_is_active=deeds.customer_is_active
            )
        self.looked_at = state

    # --- Something to lose ------------------------------------------------------------------------

    def connected(self, which: int) -> tuple[App, Sharing]:
        """Return an application; where its newest tokens are over it mostly gets new ones."""
        app = self.apps[which]
        may = self.deeds.customer_is_active and not app.is_suspended
        sharing = app.running(self.deeds.now)
        is_over = sharing is None or not app.pairs[-1].refresh.counts(self.deeds.now)
        is_paused = sharing is not None and sharing.status == "paused"
        self.turn += 1
        if may and is_over and not is_paused and self.turn % 3:
            self.connect(app, set(DATA))
        return app, app.sharings[-1]

    def connect(self, app: App, optional: set[str]) -> None:
        screen = self.deeds.open(app, app.asks)
        assert screen is not None
        code = self.deeds.allow(screen, optional | {"extra:read"})
        assert code is not None
        assert self.deeds.exchange(code) is not None

    def go_on(self, app: App) -> None:
        """Use what there is: mostly nothing dramatic happens."""
        if self.turn % 2:
            self.deeds.refresh(app.pairs[-1], set())
        else:
            self.deeds.call(app.pairs[-1].access, "/extra")

    def pair(self, which: int, age: int) -> Pair:
        pairs = self.connected(which)[0].pairs
        return pairs[-1 - age % len(pairs)]

    def opened(self, app: App) -> Screen:
        screen = self.deeds.open(app, app.asks)
        assert screen is not None
        return screen


@pytest.mark.django_db
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_in_whatever_order_keeps_the_invariants(part):
    with time_machine.travel(START - timedelta(hours=1), tick=False):
        ground = Ground()
    settings = hypothesis.settings(max_examples=EXAMPLES, stateful_step_count=STEPS)

    # Examples may be shorter than they could be: go on, with other seeds, until it was enough.
    for round_ in range(ROUNDS):
        seed = hypothesis.seed(part * ROUNDS + round_)
        run_state_machine_as_test(
            seed(type(f"Part{part}", (Machine,), {"ground": ground})), settings=settings
        )
        if ground.steps - ground.beginnings >= TOTAL // PARTS:
            break

    print(f"{ground.steps - ground.beginnings} steps: {dict(ground.happened)}")  # noqa: T201
    assert ground.steps - ground.beginnings >= TOTAL // PARTS
    assert ground.happened.keys() >= MUST_HAPPEN, ground.happened
