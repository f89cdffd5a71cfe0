"""The catalog from end to end in Chromium: read, search, try, compare, subscribe, publish, end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.apis.models import Api, ApiVersion
from catalog.plans.models import Environment, Plan
from catalog.scopes.models import DataCluster, Scope
from partners.applications.models import Client
from portal.access.actors import Role
from portal.events.log import deliver_due
from portal.sandbox.models import Prescription
from tests.browser.looks import look_at, objections, opened
from tests.factories.changes import parcels, publish, put_in
from tests.factories.consent import CustomerFactory
from tests.factories.partners import ApplicationFactory, ClientFactory, DataUseFactory
from tests.factories.people import member, staff, user_of
from tests.factories.publishing import made_ready
from tests.factories.reference import give_records, publish_reference

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client() -> Client:
    """Return the sandbox client of an application that reads prescriptions, and its world."""
    publish_reference()
    publish(parcels(), at=timezone.now() - timedelta(days=300))
    publish(parcels("2.0.0", fields=("id", "weight")))
    made_ready(put_in(parcels("3.0.0", fields=("id", "weight", "colour"))))
    deliver_due()
    Api.objects.update(audience="partner")
    application = ApplicationFactory(name="Halden Refill", slug="halden-refill")
    for name in ("prescriptions:read", "refills:write"):
        scope = Scope.objects.get(name=name)
        cluster = DataCluster.objects.current().get(code=scope.cluster_code)
        DataUseFactory(application=application, scope=scope, purpose=cluster.purposes.first())
    customer = CustomerFactory(is_test=True, user__name="Test customer, shares everything")
    give_records(customer, "one")
    Prescription.objects.update(medicine_name="Amlodipine")
    return ClientFactory(application=application)


def test_read_search_try_compare_subscribe_publish_and_end(browser, live_server, client):
    complaints: list[str] = []
    amara = user_of(member(client.application.organization, Role.OWNER))
    page = opened(browser, live_server, amara, base_url=live_server.url)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    wrong = [*read_and_search(page), *try_it(page)]
    compare(page)
    subscribe(page)
    page.context.close()
    ines = user_of(staff(Role.CATALOG))
    page = opened(browser, live_server, ines, base_url=live_server.url)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    wrong += publish_for(page)
    end(page)
    page.context.close()

    assert ApiVersion.objects.get(api__slug="parcels", label="v1").sunset_at is not None
    assert (wrong, complaints) == ([], [])


def read_and_search(page: Page) -> list[str]:
    main = page.get_by_role("main")
    page.goto("/apis/")
    page.get_by_label("For", exact=True).select_option("partner")
    with page.expect_navigation():
        page.get_by_role("button", name="Narrow").click()
    expect(main.get_by_role("link", name="Meridian Prescriptions")).to_be_visible()
    wrong = objections(page, "for-partners")
    page.keyboard.press("/")
    page.keyboard.type("list prescriptions")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="List prescriptions").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("List prescriptions")
    expect(main).to_contain_text("One of active, paused, ended")
    main.get_by_role("link", name="dose", exact=True).click()
    expect(page).to_have_url(re.compile(r"#f\.items\.medicine\.dose$"))
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Copy").first).to_be_hidden()
    expect(page.get_by_role("navigation", name="Meridian Prescriptions")).to_be_hidden()
    expect(main.get_by_role("table").last).to_be_visible()
    page.emulate_media(media="screen")
    return wrong


def try_it(page: Page) -> list[str]:
    """Send a call from the operation's own page, let the customer agree to it, and stop."""
    aside = page.get_by_role("complementary")
    aside.get_by_role("link", name="Fill in a request").click()
    aside.get_by_label("Test customer").select_option("Test customer, shares everything")
    aside.get_by_role("button", name="Send request").click()
    expect(aside.get_by_role("link", name="customer_missing")).to_be_visible()
    aside.get_by_role("button", name="Let them agree, and send").click()
    expect(aside.get_by_role("region", name="Body of the answer")).to_contain_text("Amlodipine")
    expect(aside.get_by_text("200 OK")).to_be_visible()
    wrong = objections(page, "tried")
    aside.get_by_role("button", name="Let them stop sharing, and send").click()
    expect(aside.get_by_role("link", name="consent_withdrawn")).to_be_visible()
    assert "mat_" not in page.content()
    return wrong


def compare(page: Page) -> None:
    page.goto("/apis/parcels/changelog/")
    page.get_by_role("link", name="Compare versions").click()
    expect(page.get_by_role("main")).to_contain_text("place is no longer answered.")


def subscribe(page: Page) -> None:
    plan = Plan.objects.get(api__slug="prescriptions", environment=Environment.PRODUCTION)
    page.goto(f"/apps/halden-refill/requests/?plan={plan.pk}")
    page.get_by_label("What will your application do with it?").fill("Reminders in time.")
    page.get_by_role("button", name="Ask for access").click()
    expect(page.get_by_text("is with us, usually 2 working days.")).to_be_visible()


def publish_for(page: Page) -> list[str]:
    """Publish a version, then let everybody know of its API."""
    main = page.get_by_role("main")
    page.goto("/console/apis/parcels/?version=v3")
    main.get_by_role("button", name="Publish v3").click()
    expect(page.get_by_text("Partners can read it now.")).to_be_visible()
    page.goto("/console/register/apis/parcels/")
    wrong = objections(page, "audience")
    form = main.get_by_role("form", name="Who sees it")
    form.get_by_role("radio", name="Found by anybody").check()
    form.get_by_label("Why").fill("It has been tried long enough.")
    form.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("It counts from the next page on.")).to_be_visible()
    return wrong


def end(page: Page) -> None:
    page.goto("/console/changes/parcels/v1/end/")
    page.get_by_label("Deprecated from").fill(f"{timezone.now():%Y-%m-%d}")
    page.get_by_label("Stops answering").fill(f"{timezone.now() + timedelta(days=200):%Y-%m-%d}")
    page.get_by_label("What follows it").select_option("v3")
    page.get_by_role("button", name="Announce the end").click()
    expect(page.get_by_role("main")).to_contain_text("v3 follows it")


def test_without_script_everything_is_there_as_pages(browser, live_server, client):
    amara = user_of(member(client.application.organization, Role.DEVELOPER))
    page = opened(browser, live_server, amara, java_script_enabled=False)
    page.goto(f"{live_server.url}/apis/prescriptions/v1/listPrescriptions/?app=halden-refill")

    page.get_by_role("link", name="Fill in a request").click()
    page.get_by_role("button", name="Send request").click()
    expect(page.get_by_role("link", name="customer_missing")).to_be_visible()
    page.get_by_role("button", name="Let them agree, and send").click()

    expect(page.get_by_role("region", name="Body of the answer")).to_contain_text("Amlodipine")
    assert "token" not in page.url
    page.context.close()
    addresses = {"try": "/apis/prescriptions/v1/requestRefill/try/"}
    assert look_at(browser, live_server, amara, addresses) == []
