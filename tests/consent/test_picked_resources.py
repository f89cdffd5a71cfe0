"""A customer picks which of their things a consent is about; the others are as if not there."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.scopes.models import DataCluster
from consent.arrangements.changing import narrow_arrangement
from consent.arrangements.models import Item
from consent.arrangements.picking import NothingPicked
from consent.arrangements.terms import NotOffered
from consent.gateway import tickets
from consent.gateway.answers import answer
from consent.gateway.calls import Call
from consent.gateway.dialects.headers import for_api
from consent.gateway.things import allowed_resources, references_of
from partners.applications.actions import issue_credential
from partners.organizations.actors import actor_of
from partners.subscriptions.access import uses_of
from portal.access.actors import Role
from portal.sandbox.models import Prescription, Refill
from portal.secrets import new_secret
from tests.factories.consent import share
from tests.factories.oauth import World
from tests.factories.people import member
from tests.factories.reference import SCOPES, Reference, make_reference, token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db) -> Reference:
    return make_reference()


def share_some(world: Reference, *picked: int | str, scopes: Any = SCOPES) -> str:
    uses = [use for use in uses_of(world.client, at=timezone.now()) if use.scope in scopes]
    world.arrangement = share(
        world.customer, world.client, uses=uses, resources={"rx": [str(one) for one in picked]}
    )
    world.token = token_for(world.client, world.arrangement, scopes)
    return world.token


def listed(world: Reference, path: str = "/prescriptions", **how: Any) -> Any:
    return json.loads(world.get(path, **how).content)


def test_what_was_not_picked_is_as_if_it_were_not_there(world):
    share_some(world, "*")
    newest, oldest = (item["id"] for item in listed(world)["items"])
    unknown = world.get("/prescriptions/rx_0000000000000000")

    share_some(world, world.records["first"])

    assert [item["id"] for item in listed(world)["items"]] == [oldest]
    assert listed(world)["total"] == 1
    assert [item["id"] for item in listed(world, "/supplies")["items"]] == [oldest]
    hidden = world.get(f"/prescriptions/{newest}")
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    assert dict(hidden.items()) == dict(unknown.items())
    refused = world.call(
        f"/prescriptions/{newest}/refills",
        method="POST",
        data="{}",
        content_type="application/json",
    )
    assert (refused.status_code, refused.content) == (404, unknown.content)
    assert listed(world, "/prescriptions?filter=medicine.name eq medicine-one-2")["items"] == []


def test_refills_of_what_was_not_picked_are_not_there_either(world):
    refill = Refill.objects.create(
        prescription_id=world.records["second"],
        pharmacy_id=world.records["pharmacy"],
        application=world.client.application,
    )
    share_some(world, "*")
    name = listed(world, "/refills")["items"][0]["id"]

    share_some(world, world.records["first"])

    assert listed(world, "/refills") == {"items": [], "next_cursor": None, "total": 0}
    assert world.call(f"/refills/{name}", method="DELETE").status_code == 404
    refill.refresh_from_db()
    assert refill.status == Refill.Status.REQUESTED


def test_an_older_token_sees_what_every_version_since_was_about(world):
    old = share_some(world, world.records["first"])
    new = share_some(world, "*")

    assert listed(world, token=old)["total"] == 1
    assert listed(world, token=new)["total"] == 2
    share_some(world, world.records["second"])
    assert listed(world, token=old) == {"items": [], "next_cursor": None, "total": 0}
    assert listed(world, token=new)["items"][0]["medicine"]["name"] == "medicine-one-2"


def test_all_of_them_are_also_those_that_come_later(world):
    share_some(world, "*")
    Prescription.objects.filter(pk=world.records["first"]).delete()
    row = Prescription.objects.get(pk=world.records["second"])
    row.pk = None
    row.save()

    assert listed(world)["total"] == 2
    share_some(world, world.records["second"])
    assert listed(world)["total"] == 1


def test_what_is_kept_back_is_not_shared_by_anybody(world):
    Prescription.objects.filter(pk=world.records["first"]).update(is_kept_back=True)

    with pytest.raises(NotOffered):
        share_some(world, world.records["first"])

    share_some(world, "*")
    assert listed(world)["total"] == 1


@pytest.mark.parametrize("picked", [[], ["999999999"], ["of another customer"]])
def test_nothing_and_what_is_not_the_customers_cannot_be_picked(world, picked):
    other = make_reference(mark="other")
    picked = [other.records["first"]] if picked == ["of another customer"] else picked

    with pytest.raises(NotOffered if picked else NothingPicked):
        share_some(world, *picked)

    assert not Item.objects.exists()


def test_leaving_out_a_scope_keeps_what_was_picked(world):
    share_some(world, world.records["first"])

    narrow_arrangement(
        world.arrangement, by=actor_of(world.customer.user), keep=["prescriptions:read"]
    )

    kept = Item.objects.get(version__number=2)
    assert kept.resources == [str(world.records["first"])]
    assert listed(world)["total"] == 1


def test_the_api_behind_a_gateway_is_told_its_own_references(world):
    share_some(world, world.records["first"], world.records["second"])
    call = Call.read(
        method="GET",
        target="/prescriptions/v1/prescriptions",
        authorization=[f"Bearer {world.token}"],
    )

    said = answer(call, at=timezone.now())

    first, second = sorted(str(world.records[name]) for name in ("first", "second"))
    assert for_api(said)["X-Allowed-Resources"] == f"rx;{first} rx;{second}"
    ticket = tickets.write(said, method="GET", target="/x")
    read = tickets.read(ticket, method="GET", target="/x")
    assert read is not None
    assert read.resources == said.resources


def test_an_answer_without_things_names_none(world):
    share_some(world, world.records["first"])
    call = Call.read(
        method="GET",
        target="/prescriptions/v1/delivery-area",
        authorization=[f"Bearer {world.token}"],
    )

    assert "X-Allowed-Resources" not in for_api(answer(call, at=timezone.now()))


PICKED = st.none() | st.lists(st.sampled_from(["*", "1", "2;3", "a b"]), max_size=4)


@pytest.mark.django_db(transaction=False)
@given(st.lists(PICKED, max_size=4))
def test_several_items_allow_what_each_of_them_does(picks):
    cluster = DataCluster(resources={"kind": "rx"})
    items = [Item(cluster=cluster, resources=picked) for picked in picks]

    said = allowed_resources(items)

    limits = [set(picked) for picked in picks if picked is not None and "*" not in picked]
    told = references_of("rx", said)
    assert told == (set.intersection(*limits) if limits else None)
    assert said is None or all(" " not in each for each in said)


# --- The screen -----------------------------------------------------------------------------------


def at_the_screen(world: Reference) -> World:
    owner = member(world.client.application.organization, Role.OWNER)
    _, secret = issue_credential(world.client, by=owner)
    browser = Browser()
    browser.force_login(world.customer.user)
    return World(world.client, secret, world.customer, browser)


def ask(screen: World) -> Any:
    page = screen.ask(scope="prescriptions:read delivery-area:read", state=new_secret())
    assert page.status_code == 200, page.content
    return page


def ticked(page: Any) -> list[str]:
    (picker,) = page.context["pickers"]
    kept = page.context["form"]["r"].value() or []
    return [choice.label for choice in picker.choices if choice.value in kept]


def test_the_screen_ticks_nothing_and_says_what_cannot_be_shared_and_why(world):
    Prescription.objects.filter(pk=world.records["second"]).update(is_kept_back=True)

    page = ask(at_the_screen(world))

    (picker,) = page.context["pickers"]
    assert [(choice.label, bool(choice.why_not)) for choice in picker.choices] == [
        ("medicine-one-2", True),
        ("medicine-one-1", False),
        ("All of them, also future ones", False),
    ]
    assert ticked(page) == []
    shown = page.content.decode()
    assert "Your doctor keeps it between you." in shown
    assert shown.count("disabled") == 1
    assert "medicine-one" not in json.dumps(page.context["intent"].notice)


def test_who_picks_nothing_is_asked_again_and_shares_nothing(world):
    screen = at_the_screen(world)

    answered = screen.decide(ask(screen), g=["prescriptions:read"])

    assert answered.status_code == 422
    assert "Choose which of them you want to share" in answered.content.decode()
    assert not Item.objects.exists()


def test_things_need_not_be_picked_for_data_that_has_none(world):
    screen = at_the_screen(world)

    answered = screen.decide(ask(screen), g=["delivery-area:read"])

    assert answered.status_code == 303
    assert Item.objects.get().resources is None


def test_what_is_picked_is_what_is_shared_and_is_ticked_the_next_time(world):
    screen = at_the_screen(world)
    first = f"rx:{world.records['first']}"

    answered = screen.decide(ask(screen), g=["prescriptions:read"], r=[first])

    assert answered.status_code == 303
    assert Item.objects.get().resources == [str(world.records["first"])]
    assert ticked(ask(screen)) == ["medicine-one-1"]


@pytest.mark.parametrize("picked", ["kept back", "another's", "rx:", "zz:1", "rx:1 or 1=1"])
def test_what_the_screen_did_not_offer_is_no_choice(world, picked):
    Prescription.objects.filter(pk=world.records["second"]).update(is_kept_back=True)
    other = make_reference(mark="other")
    values = {
        "kept back": f"rx:{world.records['second']}",
        "another's": f"rx:{other.records['first']}",
    }
    screen = at_the_screen(world)

    answered = screen.decide(ask(screen), g=["prescriptions:read"], r=[values.get(picked, picked)])

    assert answered.status_code == 422
    assert not Item.objects.exists()


def test_a_thing_that_came_meanwhile_makes_it_another_question(world):
    screen = at_the_screen(world)
    page = ask(screen)
    row = Prescription.objects.get(pk=world.records["second"])
    row.pk, row.prescribed_date = None, row.prescribed_date + timedelta(days=1)
    row.save()

    answered = screen.decide(page, g=["prescriptions:read"], r=["rx:*"])

    assert answered.status_code == 303
    assert answered["Location"].startswith("/oauth/authorize")
    assert not Item.objects.exists()
