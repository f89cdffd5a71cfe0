"""What the screen shows of the difference between what is shared and what is asked for: T4, T5."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from consent.arrangements import changing
from consent.arrangements.models import Arrangement
from partners.organizations.actors import actor_of
from partners.subscriptions.models import ApprovedUse

pytestmark = pytest.mark.django_db


def marks(page):
    notice = page.context["notice"]
    return {line["scope"]: line.get("mark") for line in (*notice["needed"], *notice["optional"])}


def test_who_is_asked_for_the_first_time_sees_no_difference(world):
    page = world.ask()

    assert "runs_until" not in page.context["notice"]
    assert set(marks(page).values()) == {None}


def test_t4_each_thing_says_whether_it_is_new_other_or_the_same(world):
    world.code("extra:read")
    uses = ApprovedUse.objects.filter(subscription__client=world.client)
    uses.filter(scope__name="extra:read").update(retention_days=90)

    page = world.ask(state="again")

    assert marks(page) == {"need:read": "same", "extra:read": "changed"}
    ends_at = Arrangement.objects.get().ends_at
    assert datetime.fromisoformat(page.context["notice"]["runs_until"]) == ends_at


def test_t4_what_is_not_shared_yet_is_new(world):
    world.code()

    assert marks(world.ask(state="again")) == {"need:read": "same", "extra:read": "new"}


def test_t4_what_a_yes_would_end_is_named(world):
    world.code("extra:read")

    page = world.ask(state="again", scope="need:read")

    assert [line["scope"] for line in page.context["notice"]["removed"]] == ["extra:read"]
    world.decide(page)
    assert Arrangement.objects.get().versions.get(number=2).change == "amended"


def test_t4_adding_ends_nothing(world):
    grant = world.exchange(world.code()).json()["grant_id"]
    asked = {"scope": "extra:read", "grant_management_action": "merge", "grant_id": grant}

    page = world.ask(state="more", **asked)

    assert page.context["notice"]["removed"] == []
    assert marks(page) == {"extra:read": "new"}


def test_t5_the_same_for_longer_extends_the_same_arrangement(world):
    world.decide(world.ask(), until="90")

    page = world.ask(state="again")
    assert page.content.decode().count("longer than now") == 2
    world.decide(page, until="365")

    arrangement = Arrangement.objects.get()
    assert arrangement.versions.get(number=2).change == "extended"
    assert arrangement.ends_at > timezone.now() + timedelta(days=364)


def test_who_paused_it_is_told_that_a_yes_starts_it_again(world):
    world.code()
    arrangement = Arrangement.objects.get()
    before = world.ask(state="again")
    changing.pause_arrangement(arrangement, by=actor_of(world.customer.user))

    page = world.ask(state="again")

    assert "it starts again" in page.content.decode()
    # A screen that did not say so is none to answer.
    assert "code=" not in world.decide(before)["Location"]
    assert "code=" in world.decide(page)["Location"]


def test_s6_a_difference_that_is_none_any_more_is_not_agreed_to(world):
    world.code("extra:read")
    page = world.ask(state="again")
    changing.narrow_arrangement(
        Arrangement.objects.get(), by=actor_of(world.customer.user), keep=["need:read"]
    )

    answer = world.decide(page, g=["extra:read"])

    assert answer.status_code == 303
    assert "code=" not in answer["Location"]
    assert Arrangement.objects.get().version_number == 2
