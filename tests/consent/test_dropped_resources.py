"""One of the things that a customer picked is taken back: at once, in two steps, with proof."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from consent.arrangements.dropping import drop_resource
from consent.arrangements.holding import ChangedSince
from consent.arrangements.models import Arrangement, Item, Receipt
from consent.arrangements.terms import NeededToWork, NotOffered
from partners.organizations.actors import actor_of
from partners.subscriptions.access import uses_of
from portal.accounts.models import User
from portal.errors import NotAllowed
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.consent import CustomerFactory, share
from tests.factories.reference import Reference, make_reference, token_for
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
SCOPES = ("prescriptions:read", "refills:write", "delivery-area:read")


@pytest.fixture
def world() -> Reference:
    return make_reference()


def share_picked(world: Reference, *names: str, scopes: Any = SCOPES, needed: Any = ()) -> str:
    """Share the named prescriptions; return the reference of the first."""
    uses = [
        replace(use, is_required=use.scope in needed)
        for use in uses_of(world.client, at=timezone.now())
        if use.scope in scopes
    ]
    picked = [str(world.records.get(name, name)) for name in names]
    world.arrangement = share(world.customer, world.client, uses=uses, resources={"rx": picked})
    world.token = token_for(world.client, world.arrangement, scopes)
    return picked[0]


def drop(world: Reference, reference: str, **how: Any) -> Arrangement:
    assert world.arrangement is not None
    by = actor_of(world.customer.user)
    return drop_resource(world.arrangement, by=by, kind="rx", reference=reference, **how)


def resources(number: int) -> dict[str, list[str] | None]:
    items = Item.objects.filter(version__number=number)
    return dict(items.values_list("scope__name", "resources"))


def page_of(world: Reference, reference: str) -> str:
    return f"/me/apps/{world.client.application.slug}/drop/?thing=rx:{reference}"


def test_a_dropped_thing_is_gone_with_the_next_call_of_a_token_that_is_out(world):
    first = share_picked(world, "first", "second")
    assert json.loads(world.get("/prescriptions").content)["total"] == 2

    drop(world, first)

    answer = json.loads(world.get("/prescriptions").content)
    assert [row["medicine"]["name"] for row in answer["items"]] == ["medicine-one-2"]


def test_it_is_a_narrowing_with_a_receipt_and_an_event(world):
    first = share_picked(world, "first", "second")
    second = str(world.records["second"])

    drop(world, first)

    event = Event.objects.get(kind="consent.arrangement.narrowed")
    receipt = Receipt.objects.get(event=event)
    assert (event.facts["version"], event.facts["removed"]) == (2, [])
    assert set(event.facts["changed"]) == {"prescriptions:read", "refills:write"}
    told = {
        one["scope"]: one["pii_information"]["pii_resources"] for one in receipt.body["purposes"]
    }
    assert told == {
        "prescriptions:read": [second],
        "refills:write": [second],
        "delivery-area:read": None,
    }


def test_the_last_thing_takes_its_data_with_it_and_the_rest_goes_on(world):
    first = share_picked(world, "first")

    arrangement = drop(world, first)

    assert arrangement.is_active(at=timezone.now())
    assert resources(2) == {"delivery-area:read": None}


def test_the_last_thing_of_what_is_needed_ends_it_for_who_was_told_so(world):
    first = share_picked(world, "first", needed=["prescriptions:read"])

    with pytest.raises(NeededToWork):
        drop(world, first)
    ended = drop(world, first, may_end=True)

    assert (ended.status, ended.end_reason) == (Arrangement.Status.WITHDRAWN, "customer")


def test_the_last_thing_of_all_ends_it(world):
    first = share_picked(world, "first", scopes=["prescriptions:read"])

    ended = drop(world, first, may_end=True)

    assert (ended.status, ended.end_reason) == (Arrangement.Status.WITHDRAWN, "nothing_left")


@pytest.mark.parametrize("reference", ["*", "999999", "second"])
def test_what_is_not_picked_is_not_dropped(world, reference):
    share_picked(world, "first")

    with pytest.raises(NotOffered):
        drop(world, str(world.records.get(reference, reference)))


def test_a_page_of_an_older_state_changes_nothing(world):
    first = share_picked(world, "first", "second")

    with pytest.raises(ChangedSince):
        drop(world, first, seen_version=2)


def test_nobody_else_drops_it(world):
    first = share_picked(world, "first", "second")
    stranger = actor_of(CustomerFactory().user)

    with pytest.raises(NotAllowed):
        drop_resource(world.arrangement, by=stranger, kind="rx", reference=first)


# --- The pages ----------------------------------------------------------------------------------


@pytest.fixture
def browser(client, world):
    sign_in(client, actor_of(world.customer.user))
    return client


def test_the_page_of_the_app_names_the_things_in_the_customers_words(browser, world):
    first = share_picked(world, "first", "second")

    page = browser.get(f"/me/apps/{world.client.application.slug}/").text

    assert page.count("medicine-one-1") == 2  # Once to read, once in the name of its link.
    assert f"drop/?thing=rx:{first}" in page


def test_all_there_are_are_said_to_be_all(browser, world):
    share_picked(world, "*")

    page = browser.get(f"/me/apps/{world.client.application.slug}/").text

    assert "Which of them:" in page
    assert "medicine-one" not in page


def test_a_thing_is_dropped_in_two_steps_and_the_page_says_what_remains(browser, world):
    first = share_picked(world, "first", "second")

    asked = browser.get(page_of(world, first)).text
    done = browser.post(page_of(world, first), {"thing": f"rx:{first}", "version": 1}, follow=True)

    assert "Stop sharing medicine-one-1?" in asked
    assert "Still shared:" in asked
    assert "medicine-one-2" in asked
    assert "no longer sees this one" in done.text
    assert "medicine-one-1" not in done.text
    assert "You share fewer of your things" in done.text


def test_the_page_says_that_the_last_one_stops_that_data(browser, world):
    first = share_picked(world, "first")

    page = browser.get(page_of(world, first)).text

    assert "It is the last one" in page
    assert "is no longer shared at all" in page
    assert 'name="ends"' not in page


def test_the_page_says_that_the_last_one_of_what_is_needed_ends_all(browser, world):
    first = share_picked(world, "first", needed=["prescriptions:read"])
    sent = {"thing": f"rx:{first}", "version": 1}

    page = browser.get(page_of(world, first)).text
    unsaid = browser.post(page_of(world, first), sent)
    browser.post(page_of(world, first), sent | {"ends": "on"})

    assert "cannot work without" in page
    assert "all sharing with it ends" in page
    assert 'name="ends"' in page
    assert unsaid.status_code == 409
    assert Arrangement.objects.get().status == Arrangement.Status.WITHDRAWN


def test_an_older_page_is_shown_anew(browser, world):
    first = share_picked(world, "first", "second")

    answer = browser.post(page_of(world, first), {"thing": f"rx:{first}", "version": 7})

    assert answer.status_code == 409
    assert "This changed since you opened the page" in answer.text


@pytest.mark.parametrize("thing", ["", "rx", "rx:999", "nothing:1"])
def test_what_is_no_thing_of_theirs_leads_back(browser, world, thing):
    share_picked(world, "first")
    slug = world.client.application.slug

    answer = browser.get(f"/me/apps/{slug}/drop/?thing={thing}")

    assert answer["Location"] == f"/me/apps/{slug}/"


def test_the_mail_says_that_one_of_the_things_went_and_names_none(world):
    first = share_picked(world, "first", "second")
    drop(world, first)

    deliver_due()

    mail = Message.objects.get(kind="arrangements/narrowed").text
    assert "One of the things that you picked" in mail
    assert "medicine" not in mail


def test_the_page_is_in_the_customers_language(browser, world):
    first = share_picked(world, "first", "second")
    User.objects.filter(pk=world.customer.user_id).update(locale="ar")

    page = browser.get(page_of(world, first)).text

    assert "إيقاف مشاركة medicine-one-1؟" in page
