from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.arrangements import changing, ending, readings, wording
from consent.arrangements.access import current_items
from consent.arrangements.models import Arrangement, Receipt
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from tests.factories.catalog import DataClusterFactory
from tests.factories.consent import CustomerFactory, share, use_of
from tests.factories.partners import ApplicationFactory, ClientFactory
from tests.factories.people import UserFactory, staff
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
PAGES = ("list", "history", "data", "stop_all", "data_file")
APP_PAGES = ("arrangement", "change", "stop")


@pytest.fixture
def customer(client):
    customer = CustomerFactory(user__time_zone="Europe/Vilnius", user__name="Leila Haddad")
    client.force_login(customer.user)
    return customer


def app_client(name: str = "Halden Refill"):
    application = ApplicationFactory(live=True, name=name, slug=name.lower().replace(" ", "-"))
    return ClientFactory(application=application, environment="production")


def page(name: str, *arguments: object) -> str:
    return reverse(f"arrangements:{name}", args=arguments)


# --- Whose pages they are -----------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_signs_in_first(client, name):
    response = client.get(page(name))

    assert response.status_code == 302
    assert response.url == f"/sign-in/?next={page(name)}"


@pytest.mark.parametrize("name", APP_PAGES)
def test_another_customers_sharing_is_not_there(client, customer, name):
    foreign = share(client=app_client())

    address = page(name, foreign.client.application.slug)

    assert client.get(address).status_code == 404
    assert client.post(address).status_code in {404, 405}
    foreign.refresh_from_db()
    assert foreign.status == "active"


@pytest.mark.parametrize("name", ["receipt", "receipt_file"])
def test_another_customers_receipt_is_not_there(client, customer, name):
    share()

    assert client.get(page(name, Receipt.objects.get().number)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_person_who_is_no_customer_gets_a_kind_page(client, name):
    client.force_login(UserFactory())

    response = client.get(page(name))

    assert response.status_code == 200
    assert "Nothing here yet" in response.text


@pytest.mark.parametrize("slug", ["no-such-app", "x" * 300])
def test_an_unknown_app_is_not_there(client, customer, slug):
    assert client.get(page("arrangement", slug)).status_code == 404


# --- The list -----------------------------------------------------------------------------------


def test_the_list_says_what_is_shared_why_for_how_long_and_when_it_was_read(client, customer):
    use = use_of()
    arrangement = share(customer, app_client(), uses=[use])
    readings.note_reading(
        arrangement.pk,
        operation_key="a/v1/b",
        cluster_codes=[use.cluster_code],
        at=timezone.now(),
    )

    text = " ".join(client.get(page("list")).text.split())

    assert "Halden Refill" in text
    assert "to remind you before you run out. Kept for 30 days, then deleted." in text
    assert "1 app can see some of your data." in text
    assert "Apps looked 1 time in the last 30 days." in text
    assert ", 1 time in 30 days" in text
    assert page("arrangement", "halden-refill") in text
    assert page("stop", "halden-refill") in text


def test_without_apps_the_list_says_what_will_be_there(client, customer):
    assert "Nothing is shared" in client.get(page("list")).text


def test_what_the_clock_ended_is_listed_as_ended_before_any_sweep(client, customer):
    with time_machine.travel(timezone.now() - timedelta(days=10), tick=False):
        share(customer, app_client(), days=5)

    text = client.get(f"{page('list')}?tab=ended").text

    assert "You share with no app now." in text
    assert "It ended by itself" in text


def test_fifty_arrangements_take_no_more_queries(client, customer, django_assert_max_num_queries):
    use = use_of(is_required=True)
    for _ in range(50):
        share(customer, uses=[use])

    with django_assert_max_num_queries(12):
        response = client.get(page("list"))

    assert response.text.count('<article class="card">') == 12
    assert client.get(f"{page('list')}?page=5").text.count('<article class="card">') == 2


# --- One app ------------------------------------------------------------------------------------


def test_the_page_of_an_app_tells_everything_in_the_customers_time(client, customer):
    with time_machine.travel("2026-03-12T08:04:00Z", tick=False):
        arrangement = share(customer, app_client())
        client.force_login(customer.user)
        readings.note_reading(
            arrangement.pk,
            operation_key="a/v1/b",
            cluster_codes=[current_items(arrangement)[0].cluster.code],
            at=timezone.now(),
        )

        text = client.get(page("arrangement", "halden-refill")).text

    assert "12 March 2026, 10:04 EET" in text
    assert "Times are in Europe/Vilnius." in text
    assert "You allowed Halden Refill for 90 days" in text
    assert "Looked 1 time in the last 30 days, last" in " ".join(text.split())
    assert "Not looked at in the last 30 days." in text
    assert Receipt.objects.get().number in text


def test_the_history_tells_each_change_in_plain_words(client, customer):
    needed, wanted = use_of(is_required=True), use_of()
    arrangement = share(customer, app_client(), uses=[needed, wanted])
    by = actor_of(customer.user)
    labels = {item.scope.name: item.cluster.label.lower() for item in current_items(arrangement)}
    changing.narrow_arrangement(arrangement, by=by, keep=[needed.scope])
    ending.withdraw_arrangement(arrangement, by=by)

    text = client.get(page("history")).text.lower()

    assert f"you stopped sharing {labels[wanted.scope]} with halden refill" in text
    assert f"still shared: {labels[needed.scope]}." in text
    assert "you stopped sharing with halden refill" in text


def test_the_history_takes_the_same_queries_for_a_full_page(
    client, customer, django_assert_max_num_queries
):
    for number in range(6):
        arrangement = share(customer)
        for hour in range(8):
            readings.note_reading(
                arrangement.pk,
                operation_key="a/v1/b",
                cluster_codes=["a"],
                at=timezone.now() - timedelta(hours=hour + number),
            )

    with django_assert_max_num_queries(12):
        response = client.get(page("history"))
    second = client.get(page("history"), {"page": 2})

    assert response.text.count("<li data-tone") + response.text.count("<li >") >= 40
    assert second.status_code == 200
    assert client.get(page("history"), {"page": "x"}).status_code == 200


# --- Changing -----------------------------------------------------------------------------------


def test_switching_off_takes_effect_and_widens_nothing(client, customer):
    needed, wanted = use_of(is_required=True), use_of()
    arrangement = share(customer, app_client(), uses=[needed, wanted])
    address = page("change", "halden-refill")

    assert "cannot work without this" in client.get(address).text
    response = client.post(address, {"version": 1, "keep": [needed.scope]}, follow=True)

    assert response.redirect_chain == [(page("arrangement", "halden-refill"), 302)]
    assert "Saved. Halden Refill loses at once: your things" in response.text
    arrangement.refresh_from_db()
    assert {item.scope.name for item in current_items(arrangement)} == {needed.scope}
    again = client.post(address, {"version": 2, "keep": [needed.scope, wanted.scope]})
    assert again.status_code == 422
    arrangement.refresh_from_db()
    assert arrangement.version_number == 2


def test_an_older_page_shows_the_newer_state_and_asks_again(client, customer):
    needed, one, two = use_of(is_required=True), use_of(), use_of()
    arrangement = share(customer, app_client(), uses=[needed, one, two])
    address = page("change", "halden-refill")
    client.post(address, {"version": 1, "keep": [needed.scope, one.scope]})

    response = client.post(address, {"version": 1, "keep": [needed.scope, two.scope]})

    assert response.status_code == 409
    assert "This changed since you opened the page" in response.text
    assert f'value="{one.scope}"' in response.text
    assert f'value="{two.scope}"' not in response.text
    arrangement.refresh_from_db()
    assert arrangement.version_number == 2


def test_a_change_to_what_ended_meanwhile_leads_to_its_page(client, customer):
    arrangement = share(customer, app_client())
    ending.withdraw_arrangement(arrangement, by=actor_of(customer.user))

    response = client.post(page("change", "halden-refill"), {"version": 1, "keep": []})

    assert response.status_code == 302
    assert response.url == page("arrangement", "halden-refill")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": "x"},
        {"version": "-1", "keep": "a"},
        {"version": "9" * 40},
        {"version": "1", "keep": "\x00"},
        {"version": "1", "keep": "x" * 500},
    ],
)
def test_nonsense_changes_nothing(client, customer, body):
    arrangement = share(customer, app_client())

    response = client.post(page("change", "halden-refill"), body)

    assert response.status_code in {200, 409, 422}
    arrangement.refresh_from_db()
    assert (arrangement.status, arrangement.version_number) == ("active", 1)


# --- Stopping -----------------------------------------------------------------------------------


def test_stopping_is_two_clicks_and_says_when_it_took_effect(client, customer):
    arrangement = share(customer, app_client())
    address = page("stop", "halden-refill")
    assert address in client.get(page("list")).text

    assert "It has 24 hours to delete" in client.get(address).text
    response = client.post(address, follow=True)

    arrangement.refresh_from_db()
    assert arrangement.status == "withdrawn"
    assert "You stopped it: " in response.text
    assert "can no longer see your data" in response.text
    assert Receipt.objects.latest("pk").number in response.text


def test_stopping_twice_is_stopping_once(client, customer):
    arrangement = share(customer, app_client())
    client.post(page("stop", "halden-refill"))

    response = client.post(page("stop", "halden-refill"))

    assert response.status_code == 302
    assert arrangement.versions.get().receipts.count() == 2
    assert client.get(page("stop", "halden-refill")).url == page("arrangement", "halden-refill")


def test_looking_at_the_stop_page_stops_nothing(client, customer):
    arrangement = share(customer, app_client())

    client.get(page("stop", "halden-refill"))
    client.get(page("stop_all"))

    arrangement.refresh_from_db()
    assert arrangement.status == "active"


def test_stopping_all_ends_every_sharing(client, customer):
    share(customer)
    share(customer)

    assert "2 apps will no longer see your data" in client.get(page("stop_all")).text
    client.post(page("stop_all"))

    assert not Arrangement.objects.filter(customer=customer, status="active").exists()
    assert client.get(page("stop_all")).url == page("list")


def test_a_forged_stop_is_turned_down(customer):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(customer.user)
    arrangement = share(customer, app_client())

    assert strict.post(page("stop", "halden-refill")).status_code == 403
    arrangement.refresh_from_db()
    assert arrangement.status == "active"


# --- Receipts and own data ----------------------------------------------------------------------


def test_the_downloaded_receipt_has_the_fingerprint_that_the_page_shows(client, customer):
    share(customer, app_client())
    receipt = Receipt.objects.get()

    shown = client.get(page("receipt", receipt.number)).text
    response = client.get(page("receipt_file", receipt.number))

    fingerprint = hashlib.sha256(response.content).hexdigest()
    assert fingerprint == receipt.sha256
    assert fingerprint[:8] in shown
    assert fingerprint[-8:] in shown
    digest = response["Repr-Digest"].removeprefix("sha-256=:").removesuffix(":")
    assert b64decode(digest).hex() == fingerprint
    assert json.loads(response.content)["receipt_id"] == receipt.number


@pytest.mark.parametrize("end", ["withdraw", "revoke", "expire"])
def test_every_kind_of_receipt_has_a_page(client, customer, end):
    arrangement = share(customer, app_client())
    if end == "withdraw":
        ending.withdraw_arrangement(arrangement, by=actor_of(customer.user))
    elif end == "revoke":
        ending.revoke_arrangement(arrangement, by=staff(Role.SECURITY), reason="security")
    else:
        with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
            ending.expire_overdue_arrangements()

    for receipt in Receipt.objects.all():
        assert client.get(page("receipt", receipt.number)).status_code == 200
    assert client.get(page("arrangement", "halden-refill")).status_code == 200
    assert client.get(page("history")).status_code == 200


def test_the_same_words_stand_on_every_page_and_in_the_receipt(client, customer):
    use = use_of()
    arrangement = share(customer, app_client(), uses=[use])
    label = current_items(arrangement)[0].cluster.label
    receipt = Receipt.objects.get()
    notice = arrangement.versions.get().notice

    words = ("to remind you before you run out.", "30 days, then deleted.")
    for address in (
        page("list"),
        page("arrangement", "halden-refill"),
        page("change", "halden-refill"),
        page("receipt", receipt.number),
    ):
        text = client.get(address).text
        assert all(each.lower() in text.lower() for each in (label, *words))
    line = notice["optional"][0]
    assert (line["label"], line["why"], line["kept_for"]) == (label, *words)


def test_own_records_can_be_taken_away(client, customer):
    arrangement = share(customer, app_client())
    share()
    sign_in(client, actor_of(customer.user))

    response = client.get(page("data_file"))

    records = json.loads(response.content)
    assert [each["id"] for each in records["arrangements"]] == [str(arrangement.pk)]
    assert len(records["receipts"]) == 1
    assert records["person"]["name"] == "Leila Haddad"
    assert "attachment" in response["Content-Disposition"]
    assert page("data_file") in client.get(page("data")).text


def test_what_may_never_be_kept_says_so_without_a_number(client, customer):
    DataClusterFactory(max_retention_days=0)

    words = client.get(page("data")).text

    assert "show it to you, and never keep it" in words
    assert "0 days" not in words


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("Vilnius, LT", "Vilnius, Lithuania"),
        ("LT", "Lithuania"),
        ("Somewhere, ZZ", "Somewhere, ZZ"),
    ],
)
def test_a_receipt_shows_the_country_by_its_name(kept, shown):
    assert wording.place(kept) == shown
