"""A narrowing against a refresh, against another narrowing, against agreeing anew: S4, S5, S6."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.test import Client as Browser

from consent.arrangements.access import current_items
from consent.arrangements.models import Arrangement, ArrangementVersion, Receipt
from consent.oauth.models import Grant
from portal.events.models import Event
from tests.factories.consent import share, use_of
from tests.factories.gateway import Gate, make_gate
from tests.factories.oauth import CALLBACK, World
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


@pytest.fixture
def gate(transactional_db) -> Gate:
    return make_gate()


@pytest.fixture
def world(gate) -> World:
    return gate.world


def keep(world: World, *scopes: str, seen: int) -> Any:
    """Answer the page on which a customer switches things off, as it stood at version `seen`."""
    address = f"/me/apps/{world.client.application.slug}/change/"
    return world.browser.post(address, {"version": seen, "keep": list(scopes)})


def shared(arrangement: Arrangement) -> set[str]:
    arrangement.refresh_from_db()
    return {item.scope.name for item in current_items(arrangement)}


# --- S4 -----------------------------------------------------------------------------------------


def test_s4_what_is_switched_off_is_gone_from_the_next_call_and_every_refresh(gate, world):
    body = world.exchange(world.code("extra:read")).json()
    token = body["access_token"]
    assert "/extra" in gate.ask(token)["X-Allowed-Fields"].split()
    assert gate.ask(token, path="/extra").status_code == 204

    keep(world, "need:read", seen=1)

    # The same access token, at once, before any refresh.
    assert gate.ask(token)["X-Allowed-Fields"] == "/id /need/name"
    assert gate.ask(token, path="/extra")["X-Portal-Reason"] == "consent_narrowed"
    wider = world.refresh(body["refresh_token"], scope="need:read extra:read")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")
    # Asking for too much cost nothing: the same refresh token still works, for what is left.
    second = world.refresh(body["refresh_token"]).json()
    assert second["scope"] == "need:read open:read"


def test_s4_what_is_allowed_again_is_for_new_tokens_only(gate, world):
    old = world.exchange(world.code("extra:read")).json()
    keep(world, "need:read", seen=1)
    between = world.refresh(old["refresh_token"]).json()

    new = world.exchange(world.code("extra:read")).json()

    assert new["scope"] == "need:read extra:read open:read"
    assert gate.ask(new["access_token"], path="/extra").status_code == 204
    for token in (old["access_token"], between["access_token"]):
        assert gate.ask(token)["X-Allowed-Fields"] == "/id /need/name"
        assert gate.ask(token, path="/extra").status_code == 403
    for scope in ("", "extra:read", "need:read extra:read"):
        answer = world.refresh(between["refresh_token"], **({"scope": scope} if scope else {}))
        if scope:
            assert answer.json()["error"] == "invalid_scope"
        else:
            between = answer.json()
            assert between["scope"] == "need:read open:read"
            assert gate.ask(between["access_token"], path="/extra").status_code == 403


def test_s4_a_refresh_at_the_moment_of_the_narrowing_brings_back_nothing(gate, world):
    for seed in range(ROUNDS):
        body = world.exchange(world.code("extra:read")).json()
        arrangement = Arrangement.objects.get()

        answer, narrowed = at_once(
            partial(world.refresh, body["refresh_token"]),
            partial(keep, world, "need:read", seen=arrangement.version_number),
            seed=seed,
        )

        assert (answer.status_code, narrowed.status_code) == (200, 302)
        # Issued before the narrowing it may still name the scope; it opens nothing any more.
        assert gate.ask(answer.json()["access_token"], path="/extra").status_code == 403
        again = world.refresh(answer.json()["refresh_token"]).json()
        assert again["scope"] == "need:read open:read"


# --- S5 -----------------------------------------------------------------------------------------


def test_s5_two_amendments_from_one_version_in_two_tabs_lose_nothing(db):
    for seed in range(6):
        contact, bookings, profile = uses = [use_of(), use_of(), use_of()]
        names = [use.scope for use in uses]
        arrangement = share(uses=uses)
        share(arrangement.customer, arrangement.client, uses=uses)
        share(arrangement.customer, arrangement.client, uses=uses)
        browser = Browser()
        browser.force_login(arrangement.customer.user)
        address = f"/me/apps/{arrangement.client.application.slug}/change/"
        assert {browser.get(address).context["arrangement"].version_number} == {3}
        tabs = {
            dropped: partial(
                browser.post, address, {"version": 3, "keep": [n for n in names if n != dropped]}
            )
            for dropped in (contact.scope, bookings.scope)
        }

        answers = dict(zip(tabs, at_once(*tabs.values(), seed=seed), strict=True))

        first, second = sorted(tabs, key=lambda dropped: answers[dropped].status_code)
        assert [answers[first].status_code, answers[second].status_code] == [302, 409]
        # The page of the one that came second shows version 4, without what the first dropped.
        conflict = answers[second].content.decode()
        assert 'name="version" value="4"' in conflict
        assert f'value="{second}"' in conflict
        assert f'value="{first}"' not in conflict
        again = browser.post(address, {"version": 4, "keep": [profile.scope]})
        assert again.status_code == 302
        assert shared(arrangement) == {profile.scope}
        assert [*arrangement.versions.order_by("number").values_list("number", flat=True)] == [
            *range(1, 6)
        ]
        told = Event.objects.about(arrangement).order_by("pk")
        assert [event.facts["version"] for event in told] == [1, 2, 3, 4, 5]
        narrowed = Receipt.objects.filter(
            version__arrangement=arrangement, event_kind="consent.arrangement.narrowed"
        )
        assert {receipt.version.number for receipt in narrowed} == {4, 5}


# --- S6 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("management", [None, "merge", "replace"])
def test_s6_a_screen_that_stands_on_an_older_version_is_shown_anew(world, management):
    body = world.exchange(world.code("extra:read")).json()
    arrangement = Arrangement.objects.get()
    wishes = {"grant_management_action": management, "grant_id": body["grant_id"]}
    asked = {"state": "s6", **(wishes if management else {})}
    stale = world.ask(**asked)
    assert keep(world, "need:read", seen=1).status_code == 302

    answer = world.decide(stale, g=["extra:read"])

    assert (answer.status_code, answer["Location"]) == (303, "/oauth/authorize")
    assert shared(arrangement) == {"need:read"}
    assert arrangement.version_number == 2
    assert Grant.objects.count() == 1
    again = world.ask(**asked)
    assert "has changed" in again.content.decode()
    assert again.context["intent"] != stale.context["intent"]
    # The older tab stays refused after the newer one was opened; the newer one may be answered.
    assert world.decide(stale, g=["extra:read"])["Location"] == "/oauth/authorize"
    assert world.decide(again, g=["extra:read"])["Location"].startswith(CALLBACK)
    assert shared(arrangement) == {"need:read", "extra:read"}
    assert world.decide(stale, g=["extra:read"]).status_code == 409


def test_s6_a_screen_from_before_the_withdrawal_brings_nothing_back(world):
    world.code("extra:read")
    stale = world.ask(state="s6")
    world.browser.post(f"/me/apps/{world.client.application.slug}/stop/")

    assert world.decide(stale, g=["extra:read"])["Location"] == "/oauth/authorize"
    assert not Arrangement.objects.filter(status="active").exists()


def test_s6_the_words_that_are_kept_are_those_of_the_screen_that_was_answered(world):
    first = world.ask(state="s6")
    for use in world.client.subscriptions.get().uses.filter(scope__name="extra:read"):
        use.why = "to sell it."
        use.save()
    second = world.ask(state="s6")

    assert world.decide(first)["Location"] == "/oauth/authorize"
    assert world.decide(second)["Location"].startswith(CALLBACK)
    assert ArrangementVersion.objects.get().notice == second.context["notice"]


def test_s6_of_a_narrowing_and_a_screen_at_once_only_one_is_taken(world):
    world.code("extra:read")
    arrangement = Arrangement.objects.get()
    for seed in range(ROUNDS):
        before = ArrangementVersion.objects.count()
        page = world.ask(state=str(seed))

        narrowed, decided = at_once(
            partial(keep, world, "need:read", seen=arrangement.version_number),
            partial(world.decide, page, g=["extra:read"]),
            seed=seed,
        )

        if narrowed.status_code == 302:
            assert decided["Location"] == "/oauth/authorize"
            assert shared(arrangement) == {"need:read"}
            world.code("extra:read")
        else:
            assert narrowed.status_code == 409
            assert decided["Location"].startswith(CALLBACK)
        assert shared(arrangement) == {"need:read", "extra:read"}
        assert ArrangementVersion.objects.count() == arrangement.version_number
        assert ArrangementVersion.objects.count() > before
