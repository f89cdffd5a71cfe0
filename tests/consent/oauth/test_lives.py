"""What pausing, agreeing once, and a shorter end do to codes, tokens and calls."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from consent.arrangements import changing, ending
from consent.arrangements.models import Arrangement, ArrangementVersion, Duration
from consent.oauth import views
from consent.oauth.grants import describe_grant
from consent.oauth.models import AccessToken, Grant, RefreshToken
from partners.organizations.actors import actor_of
from partners.subscriptions.models import ApprovedUse
from portal.access.actors import Role
from portal.accounts.sessions import Session
from portal.events.models import Event
from tests.factories.gateway import make_gate
from tests.factories.people import staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate():
    return make_gate()


@pytest.fixture
def world(gate):
    return gate.world


def pause(arrangement):
    return changing.pause_arrangement(arrangement, by=actor_of(arrangement.customer.user))


def resume(arrangement):
    return changing.resume_arrangement(arrangement, by=actor_of(arrangement.customer.user))


def described(world, token):
    return world.post("/oauth/introspect", token=token).json()


# --- T6: pause and resume -----------------------------------------------------------------------


def test_t6_a_pause_stops_the_next_call_and_a_resume_lets_the_same_token_go_on(gate, world):
    token = world.exchange(world.code("extra:read")).json()["access_token"]
    arrangement = Arrangement.objects.get()
    assert gate.ask(token).status_code == 204

    pause(arrangement)

    refusal = gate.ask(token)
    assert (refusal["X-Portal-Status"], refusal["X-Portal-Reason"]) == ("403", "consent_paused")
    # What opens no customer data is refused to this customer's token as well.
    assert gate.ask(token, path="/shops")["X-Portal-Reason"] == "consent_paused"
    assert described(world, token) == {"active": False}

    resume(arrangement)

    assert gate.ask(token).status_code == 204
    assert described(world, token)["active"] is True


def test_t6_a_refresh_while_paused_uses_nothing_up(world):
    refresh_token = world.exchange(world.code()).json()["refresh_token"]
    arrangement = pause(Arrangement.objects.get())

    for _ in range(2):
        answer = world.refresh(refresh_token)
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_grant"
        assert answer.json()["consent_status"] == "paused"
    assert RefreshToken.objects.get().revoked is None
    assert AccessToken.objects.count() == 1

    resume(arrangement)
    assert world.refresh(refresh_token).status_code == 200


def test_t6_a_retry_of_a_refresh_learns_of_the_pause_too(world):
    first = world.exchange(world.code()).json()["refresh_token"]
    again = world.refresh(first).json()["refresh_token"]
    arrangement = pause(Arrangement.objects.get())

    for token in (first, again):
        assert world.refresh(token).json()["consent_status"] == "paused"

    resume(arrangement)
    assert world.refresh(again).status_code == 200


def test_t6_a_replay_is_one_while_paused_too(world):
    first = world.exchange(world.code()).json()["refresh_token"]
    second = world.refresh(first).json()["refresh_token"]
    world.refresh(second)
    arrangement = pause(Arrangement.objects.get())

    assert "consent_status" not in world.refresh(first).json()

    resume(arrangement)
    assert not RefreshToken.objects.filter(revoked=None).exists()


def test_t6_a_code_waits_for_the_end_of_a_pause(world):
    code = world.code()
    arrangement = pause(Arrangement.objects.get())

    assert world.exchange(code).json()["error"] == "invalid_grant"
    assert Grant.objects.get().used_at is None

    resume(arrangement)
    assert world.exchange(code).status_code == 200


def test_t6_the_clock_runs_on_while_paused(gate, world):
    body = world.exchange(world.code()).json()
    pause(Arrangement.objects.get())

    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        assert "consent_status" not in world.refresh(body["refresh_token"]).json()
        assert gate.ask(body["access_token"])["X-Portal-Reason"] == "consent_expired"
        ending.expire_overdue_arrangements()
    assert Arrangement.objects.get().status == Arrangement.Status.EXPIRED


def test_t6_who_agrees_anew_to_what_they_paused_starts_it_again(gate, world):
    world.exchange(world.code())
    pause(Arrangement.objects.get())

    token = world.exchange(world.code()).json()["access_token"]

    arrangement = Arrangement.objects.get()
    assert (arrangement.status, arrangement.paused_at) == (Arrangement.Status.ACTIVE, None)
    assert gate.ask(token).status_code == 204


def test_t6_the_partner_still_sees_a_paused_grant_and_may_give_it_back(world):
    body = world.exchange(world.code()).json()
    arrangement = pause(Arrangement.objects.get())
    assert describe_grant(arrangement)["consent_status"] == "paused"

    ending.return_arrangement(arrangement, client=world.client, by=actor_of(world.customer.user))

    assert Arrangement.objects.get().status == Arrangement.Status.REVOKED
    assert "consent_status" not in world.refresh(body["refresh_token"]).json()


# --- T20 ----------------------------------------------------------------------------------------


def test_t20_what_should_never_have_been_agreed_to_is_refused_by_its_name(gate, world):
    body = world.exchange(world.code()).json()

    ending.invalidate_arrangement(
        Arrangement.objects.get(), by=staff(Role.SECURITY), reason="fraud"
    )

    assert gate.ask(body["access_token"])["X-Portal-Reason"] == "consent_invalidated"
    assert world.refresh(body["refresh_token"]).status_code == 400


# --- One-time -----------------------------------------------------------------------------------


def allow_once(world, **asked):
    return world.told(world.decide(world.ask(**asked), until="once"))["code"]


def test_s25_what_is_shared_once_has_one_exchange_and_no_refresh_token(gate, world):
    body = world.exchange(allow_once(world)).json()

    assert "refresh_token" not in body
    assert not RefreshToken.objects.exists()
    assert gate.ask(body["access_token"]).status_code == 204
    arrangement, version = Arrangement.objects.get(), ArrangementVersion.objects.get()
    assert (arrangement.duration, version.duration) == (Duration.ONE_TIME, Duration.ONE_TIME)
    assert version.ends_at <= version.created_at + timedelta(hours=1)
    # It ends when its one access token does.
    assert arrangement.ends_at == AccessToken.objects.get().expires
    with time_machine.travel(arrangement.ends_at, tick=False):
        assert gate.ask(body["access_token"])["X-Portal-Reason"] == "consent_expired"


def test_s25_the_code_of_what_is_shared_once_is_exchanged_once_and_its_replay_ends_it(gate, world):
    code = allow_once(world)
    first = world.exchange(code).json()

    second = world.exchange(code)

    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    assert gate.ask(first["access_token"])["X-Portal-Reason"] == "token_revoked"
    assert AccessToken.objects.count() == 1
    assert Event.objects.filter(kind="consent.code.replayed").count() == 1


def test_s25_what_is_shared_once_and_never_fetched_ends_within_the_hour(world):
    code = allow_once(world)

    arrangement = Arrangement.objects.get()

    assert arrangement.ends_at - arrangement.given_at <= timedelta(hours=1)
    with time_machine.travel(arrangement.ends_at, tick=False):
        assert world.exchange(code).json()["error"] == "invalid_grant"


def test_s25_agreeing_once_takes_the_place_of_all_that_was_issued_before(gate, world):
    before = world.exchange(allow_once(world)).json()
    waiting = allow_once(world, state="waiting")

    once = allow_once(world, state="another")

    assert world.exchange(waiting).json()["error"] == "invalid_grant"
    assert gate.ask(before["access_token"])["X-Portal-Reason"] == "consent_superseded"
    assert world.exchange(once).status_code == 200
    assert Arrangement.objects.count() == 1


# --- How long -----------------------------------------------------------------------------------


def test_the_screen_offers_once_a_middle_and_the_longest_and_chooses_the_shortest(world):
    page = world.ask()

    periods = page.context["notice"]["periods"]
    assert [period["code"] for period in periods] == ["once", "90", "365"]
    assert re.search(r'value="once"\s+checked', page.content.decode())


@pytest.mark.parametrize(
    ("longest", "codes"),
    [
        (1, ["once", "1"]),
        (13, ["once", "13"]),
        (14, ["once", "7", "14"]),
        (60, ["once", "30", "60"]),
        (200, ["once", "90", "200"]),
    ],
)
def test_nothing_longer_than_what_was_approved_is_offered(world, longest, codes):
    ApprovedUse.objects.filter(scope__name="extra:read").update(max_days=longest)

    page = world.ask()

    assert [period["code"] for period in page.context["notice"]["periods"]] == codes


def test_what_was_shown_is_what_is_stored_to_the_instant(world):
    page = world.ask()
    shown = page.context["notice"]["periods"][1]["ends_at"]

    with time_machine.travel(timezone.now() + timedelta(minutes=7), tick=False):
        world.decide(page, until="90")

    arrangement = Arrangement.objects.get()
    assert arrangement.ends_at == datetime.fromisoformat(shown)
    assert arrangement.versions.get().ends_at == arrangement.ends_at


@pytest.mark.parametrize("until", ["364", "3650", "as-now", "", "once "])
def test_a_period_that_was_not_offered_shares_nothing(world, until):
    answer = world.decide(world.ask(), until=until)

    if until == "once ":
        return  # A field of a form is read without the spaces around it.
    assert answer.status_code == 422
    assert not Arrangement.objects.exists()


def codes_of(page):
    return [period["code"] for period in page.context["notice"]["periods"]]


def runs_until(days):
    """Let what runs have been agreed to until so many days from now."""
    arrangement = Arrangement.objects.get()
    ends_at = timezone.now() + timedelta(days=days)
    changing.shorten_arrangement(
        arrangement, by=actor_of(arrangement.customer.user), ends_at=ends_at
    )


@pytest.mark.parametrize(
    ("days", "codes"),
    [
        (20, ["as-now", "90", "365"]),
        (200, ["90", "as-now", "365"]),
        (364.5, ["90", "365"]),
        (90.2, ["90", "365"]),
    ],
    ids=["ends-soon", "ends-later", "as-long-as-the-longest", "as-long-as-the-middle"],
)
def test_the_shortest_comes_first_and_is_chosen_where_something_runs(world, days, codes):
    world.decide(world.ask(), until="365")
    runs_until(days)

    page = world.ask(state="again")

    ends = [period["ends_at"] for period in page.context["notice"]["periods"]]
    assert codes_of(page) == codes
    assert ends == sorted(ends)
    assert re.search(rf'value="{codes[0]}"\s+checked', page.content.decode())


@pytest.mark.parametrize("action", ["", "merge", "replace"])
def test_once_is_not_offered_where_it_would_end_what_runs_within_the_hour(world, action):
    grant = world.exchange(world.code()).json()["grant_id"]
    asked = {"grant_management_action": action, "grant_id": grant} if action else {}

    page = world.ask(state="again", **asked)

    assert "once" not in codes_of(page)
    assert world.decide(page, until="once").status_code == 422


def test_once_is_offered_again_where_what_runs_was_shared_once(world):
    allow_once(world)

    page = world.ask(state="again")

    assert codes_of(page) == ["once", "90", "365"]


def test_once_is_offered_where_a_new_agreement_takes_the_place_of_the_old_one(world):
    world.exchange(world.code())

    page = world.ask(state="again", grant_management_action="create")

    assert codes_of(page) == ["once", "90", "365"]


def test_as_long_as_agreed_before_means_the_end_of_before_the_deadline_of_an_answer(world):
    world.decide(world.ask(), until="365")
    runs_until(200)
    agreed = Arrangement.objects.get().ends_at
    changing.ask_again(
        Arrangement.objects.get(),
        by=staff(Role.PRIVACY),
        deadline=timezone.now() + timedelta(days=14),
        notice="terms@3",
    )

    page = world.ask(state="again")
    world.decide(page, until="as-now")

    arrangement = Arrangement.objects.get()
    assert codes_of(page) == ["90", "as-now", "365"]
    assert (arrangement.ends_at, arrangement.reconsent_by) == (agreed, None)


def test_what_may_no_longer_last_as_long_is_not_offered_for_as_long(world):
    world.decide(world.ask(), until="365")
    runs_until(200)
    ApprovedUse.objects.update(max_days=60)

    assert codes_of(world.ask(state="again")) == ["30", "60"]


def test_who_adds_something_makes_nothing_shorter(world):
    grant = world.exchange(world.code()).json()["grant_id"]
    asked = {"scope": "extra:read", "grant_management_action": "merge", "grant_id": grant}
    ends_at = Arrangement.objects.get().ends_at

    page = world.ask(state="more", **asked)
    world.decide(page, until="as-now", g=["extra:read"])

    codes = [period["code"] for period in page.context["notice"]["periods"]]
    assert codes == ["as-now", "90", "365"]
    arrangement = Arrangement.objects.get()
    assert (arrangement.ends_at, arrangement.version_number) == (ends_at, 2)


# --- How somebody signed in ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("methods", "acr", "amr"),
    [
        ((), "", []),
        (("password",), "one_factor", ["pwd"]),
        (("password", "totp"), "two_factors", ["otp", "pwd", "mfa"]),
        (("webauthn",), "two_factors", ["pop"]),
    ],
)
def test_a_version_says_how_surely_the_person_had_signed_in(world, monkeypatch, methods, acr, amr):
    monkeypatch.setattr(views, "session_of", lambda _: Session("a", methods))

    world.code()

    version = ArrangementVersion.objects.get()
    assert (version.acr, version.amr, version.channel, version.locale) == (acr, amr, "web", "en")


# --- How far back -------------------------------------------------------------------------------


def test_the_api_is_told_how_far_back_the_customer_let_it_look(gate, world):
    uses = ApprovedUse.objects.filter(subscription__client=world.client)
    uses.filter(scope__name="need:read").update(look_back_days=30)
    uses.filter(scope__name="extra:read").update(look_back_days=90)
    token = world.exchange(world.code("extra:read")).json()["access_token"]
    given_at = Arrangement.objects.get().given_at

    both, one = gate.ask(token), gate.ask(token, path="/extra")

    # Where one answer shows two kinds of data, the shorter history counts for it.
    assert both["X-Portal-History-From"] == (given_at - timedelta(days=30)).isoformat()
    assert "X-Portal-History-From" not in one  # This operation reveals no field of either.
    # What is approved later does not open more of the past.
    uses.update(look_back_days=365)
    assert gate.ask(token)["X-Portal-History-From"] == both["X-Portal-History-From"]


def test_what_has_no_dates_has_no_limit_to_them(gate, world):
    token = world.exchange(world.code()).json()["access_token"]

    assert "X-Portal-History-From" not in gate.ask(token)
