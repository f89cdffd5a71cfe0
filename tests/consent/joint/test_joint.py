"""What several people hold: each may share it alone, is told of the others, and stops it for all.

T7 of the reference for joint holders (CDR Rules, Part 4A; the row C22).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from consent.arrangements.changing import shorten_arrangement
from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import ArrangementVersion, Customer, JointStop, Receipt
from consent.arrangements.terms import NotOffered
from consent.gateway.things import without_stopped
from consent.joint.actions import let_go_on, stop_for_all
from consent.joint.holders import NotHeldTogether
from consent.joint.overview import shared_by_others
from partners.organizations.actors import actor_of
from partners.subscriptions.access import uses_of
from partners.webhooks.envelope import body_of
from portal.errors import NotAllowed
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from portal.sandbox.models import Prescription
from portal.secrets import new_secret
from tests.consent.test_picked_resources import at_the_screen
from tests.factories.consent import CustomerFactory, share
from tests.factories.reference import Reference, make_reference, reference_client, token_for

pytestmark = pytest.mark.django_db
SCOPES = ("prescriptions:read", "delivery-area:read")


@dataclass
class House:
    """Two people who hold one prescription together; the first shares with an application."""

    world: Reference
    other: Customer

    @property
    def thing(self) -> str:
        return str(self.world.records["first"])

    def share(self, *picked: str, who: Customer | None = None) -> str:
        uses = [use for use in uses_of(self.world.client, at=timezone.now()) if use.scope in SCOPES]
        picks = {"rx": list(picked) or [self.thing]}
        given = share(who or self.world.customer, self.world.client, uses=uses, resources=picks)
        self.world.arrangement = given
        self.world.token = token_for(self.world.client, given, SCOPES)
        return self.world.token

    def stop(self, who: Customer | None = None) -> JointStop:
        who = who or self.other
        application = self.world.client.application
        by = actor_of(who.user)
        return stop_for_all(who, application, by=by, kind="rx", reference=self.thing)

    def let_go_on(self, who: Customer | None = None) -> None:
        who = who or self.other
        application = self.world.client.application
        by = actor_of(who.user)
        let_go_on(who, application, by=by, kind="rx", reference=self.thing)

    def seen(self, token: str = "") -> list[str]:
        answer = self.world.get("/prescriptions", token=token)
        return [item["medicine"]["name"] for item in json.loads(answer.content)["items"]]


@pytest.fixture
def house(db) -> House:
    world = make_reference()
    other = CustomerFactory(is_test=True, user__name="Jonas Weber")
    Prescription.objects.get(pk=world.records["first"]).co_holders.add(other)
    return House(world, other)


def told(customer: Customer) -> list[str]:
    while deliver_due():
        pass
    mine = Message.objects.filter(user=customer.user, kind__startswith="joint/")
    return list(mine.order_by("pk").values_list("subject", flat=True))


# --- Sharing --------------------------------------------------------------------------------------


def test_each_holder_may_share_it_alone_and_the_others_are_told(house):
    token = house.share()

    assert house.seen(token) == ["medicine-one-1"]
    [subject] = told(house.other)
    assert subject.startswith(house.world.customer.user.given_name)
    assert house.world.client.application.name in subject
    message = Message.objects.get(user=house.other.user, subject=subject)
    assert message.next_attempt_at is not None
    assert "medicine" not in message.text + message.html
    assert told(house.world.customer) == []
    second = house.share(who=house.other)
    assert house.seen(second) == ["medicine-one-1"]
    assert len(told(house.world.customer)) == 1


def test_nobody_is_told_of_what_they_do_not_hold_or_know_already(house):
    house.share(str(house.world.records["second"]))
    assert told(house.other) == []

    house.share("*")
    assert len(told(house.other)) == 1
    by = actor_of(house.world.customer.user)
    soon = timezone.now() + timedelta(days=3)
    shorten_arrangement(house.world.arrangement, by=by, ends_at=soon)
    house.share("*", house.thing)
    assert len(told(house.other)) == 2
    withdraw_arrangement(house.world.arrangement, by=by)

    assert len(told(house.other)) == 3
    last = Message.objects.filter(user=house.other.user).latest("pk")
    assert last.next_attempt_at is None


def test_the_screen_says_that_somebody_else_holds_it_and_keeps_no_name_of_them(house):
    screen = at_the_screen(house.world)

    page = screen.ask(scope="prescriptions:read", state=new_secret())

    assert page.content.decode().count("Somebody else holds it, too.") == 1
    kept = json.dumps(page.context["intent"].notice)
    assert "is_joint" in kept
    assert "Jonas" not in kept


# --- Stopping for all -----------------------------------------------------------------------------


@pytest.mark.parametrize("is_all", [False, True])
def test_t7_a_joint_holder_stops_it_for_all_and_the_next_call_obeys(house, is_all):
    token = house.share(*(["*"] if is_all else []))
    rest = ["medicine-one-2"] if is_all else []
    versions = ArrangementVersion.objects.count()

    house.stop()

    assert house.seen(token) == rest
    assert ArrangementVersion.objects.count() == versions
    house.let_go_on()
    assert house.seen(token) == [*rest, "medicine-one-1"]


def test_what_is_stopped_stays_so_for_who_shares_later_or_comes_to_hold_it_later(house):
    third = CustomerFactory(is_test=True)
    everything = house.share("*", who=third)
    house.stop()

    Prescription.objects.get(pk=house.world.records["first"]).co_holders.add(third)

    assert house.seen(everything) == []
    assert house.seen(house.share("*", who=house.other)) == []
    with pytest.raises(NotOffered):
        house.share(house.thing)
    another = replace(house.world, client=reference_client(), arrangement=None)
    elsewhere = House(another, house.other)
    assert elsewhere.seen(elsewhere.share()) == ["medicine-one-1"]


def test_who_shares_is_told_in_their_history_by_mail_and_the_partner_by_webhook(house):
    house.share()
    owner = house.world.customer.user
    browser = Browser()
    browser.force_login(owner)

    house.stop()
    house.stop()

    while deliver_due():
        pass
    [held] = Event.objects.filter(kind="consent.arrangement.held_back")
    news = json.loads(body_of(held))
    assert news["data"]["grant_id"] == str(house.world.arrangement.pk)
    assert "rx" not in json.dumps(held.facts)
    mail = Message.objects.filter(user=owner).latest("pk")
    app = house.world.client.application
    assert mail.subject == f"Somebody who holds it, too, stopped one thing for {app}"
    assert not Receipt.objects.filter(event=held).exists()
    page = browser.get(reverse("arrangements:arrangement", args=[app.slug]))
    assert page.content.decode().count("stopped one thing for") == 1
    assert f"Somebody who holds it, too, stopped this for {app}." in page.content.decode()


def test_only_who_stopped_it_lets_it_go_on_and_two_words_are_two(house):
    token = house.share()
    house.stop()
    house.let_go_on(house.world.customer)
    assert house.seen(token) == []

    house.stop(house.world.customer)
    house.let_go_on()

    assert house.seen(token) == []
    assert not Event.objects.filter(kind="consent.arrangement.released").exists()
    house.let_go_on(house.world.customer)
    assert house.seen(token) == ["medicine-one-1"]
    assert Event.objects.filter(kind="consent.arrangement.released").count() == 1


def test_who_holds_it_no_longer_may_still_take_back_their_word(house):
    token = house.share()
    house.stop()
    Prescription.objects.get(pk=house.world.records["first"]).co_holders.clear()
    assert house.seen(token) == []

    house.let_go_on()

    assert house.seen(token) == ["medicine-one-1"]


def test_nobody_stops_what_they_do_not_hold_or_in_anothers_name(house):
    stranger = CustomerFactory(is_test=True)
    house.share()

    with pytest.raises(NotHeldTogether):
        house.stop(stranger)
    with pytest.raises(NotAllowed):
        stop_for_all(
            house.other,
            house.world.client.application,
            by=actor_of(stranger.user),
            kind="rx",
            reference=house.thing,
        )

    assert not JointStop.objects.exists()


# --- The pages ------------------------------------------------------------------------------------


def test_the_list_shows_what_others_share_and_stops_it_in_two_steps(house):
    token = house.share()
    app = house.world.client.application
    browser = Browser()
    browser.force_login(house.other.user)
    page = browser.get(reverse("arrangements:list")).content.decode()
    assert "medicine-one-1" in page
    assert f"{house.world.customer.user.given_name} shares it until" in page
    address = reverse("joint:stop", args=[app.slug])
    shown = browser.get(address, {"thing": f"rx:{house.thing}"})
    assert shown.status_code == 200

    answered = browser.post(address, {"thing": f"rx:{house.thing}"}, follow=True)

    assert house.seen(token) == []
    assert "Stopped by you" in answered.content.decode()
    allowed = browser.post(
        reverse("joint:allow", args=[app.slug]), {"thing": f"rx:{house.thing}"}, follow=True
    )
    assert house.seen(token) == ["medicine-one-1"]
    assert "Stopped by you" not in allowed.content.decode()


def test_a_stranger_sees_nothing_of_it_and_no_page_for_it(house):
    house.share()
    browser = Browser()
    browser.force_login(CustomerFactory(is_test=True).user)

    assert "medicine-one" not in browser.get(reverse("arrangements:list")).content.decode()
    address = reverse("joint:stop", args=[house.world.client.application.slug])
    for name in (f"rx:{house.thing}", "rx:0", "zz:1", "", "rx"):
        assert browser.get(address, {"thing": name}).status_code == 404
        assert browser.post(address, {"thing": name}).status_code == 404
    assert not JointStop.objects.exists()


def test_who_holds_nothing_with_others_costs_one_question_more(house, django_assert_num_queries):
    house.share()
    stranger = CustomerFactory(is_test=True)
    with django_assert_num_queries(1):
        assert shared_by_others(stranger, at=timezone.now()) == []
    with django_assert_num_queries(3):
        assert len(shared_by_others(house.other, at=timezone.now())) == 1


# --- What is left, as a table of sets -------------------------------------------------------------

REFERENCES = st.sampled_from(["1", "2", "3;a", "b c"])


@pytest.mark.django_db(transaction=False)
@given(st.sets(REFERENCES, min_size=1), st.sets(REFERENCES), st.sets(REFERENCES), st.booleans())
def test_what_is_left_is_what_was_allowed_without_what_was_stopped(there, picked, stopped, is_all):
    spelled = partial(quote, safe="")
    said = (
        ("rx;*",) if is_all else tuple(f"rx;{spelled(one)}" for one in sorted(picked)) or ("rx;",)
    )

    left: Any = without_stopped(
        ("ac;*", *said), stopped={"rx": stopped} if stopped else {}, all_of=lambda _kind: there
    )

    ought = (there if is_all else picked) - stopped
    if is_all and not stopped & there:
        assert left == ("ac;*", "rx;*")
    else:
        assert set(left) == {"ac;*", *(f"rx;{spelled(one)}" for one in ought)} | (
            set() if ought else {"rx;"}
        )
