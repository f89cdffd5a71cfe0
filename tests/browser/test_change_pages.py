"""Comparing versions and ending one, in Chromium: clean for axe, no sideways scrolling."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from catalog.changes.models import Deprecation, Entry
from catalog.plans.models import Environment, Plan
from portal.access.actors import Role
from tests.browser.looks import look_at, opened
from tests.factories.changes import parcels, publish
from tests.factories.partners import SubscriptionFactory
from tests.factories.people import member, staff, user_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def versions():
    old = publish(parcels(), at=timezone.now() - timedelta(days=300))
    return old, publish(parcels("2.0.0", fields=("id", "weight")))


def test_a_visitor_compares_two_versions(browser, live_server, versions):
    page = opened(browser, live_server)
    page.goto(f"{live_server.url}/apis/parcels/changelog/")
    page.get_by_role("link", name="Compare versions").click()

    expect(page.get_by_role("main")).to_contain_text("place is no longer answered.")
    page.get_by_label("From").select_option("v2")
    page.get_by_label("to", exact=True).select_option("v1")
    page.get_by_role("button", name="Compare").click()

    expect(page.get_by_role("main")).to_contain_text("weight is no longer answered.")


def test_an_api_owner_ends_a_version_and_a_partner_says_that_they_know(
    browser, live_server, versions
):
    plan = Plan.objects.get(api=versions[0].api, environment=Environment.PRODUCTION)
    subscription = SubscriptionFactory(plan=plan)
    ends = f"{timezone.now() + timedelta(days=200):%Y-%m-%d}"
    page = opened(browser, live_server, user_of(staff(Role.CATALOG)))
    page.goto(f"{live_server.url}/console/changes/parcels/v1/end/")
    page.get_by_label("Deprecated from").fill(f"{timezone.now():%Y-%m-%d}")
    page.get_by_label("Stops answering").fill(ends)
    page.get_by_label("What follows it").select_option("v2")
    page.get_by_label("Production").check()
    page.get_by_role("button", name="Announce the end").click()
    expect(page.get_by_role("main")).to_contain_text("v2 follows it")

    owner = member(subscription.client.application.organization, Role.OWNER)
    partner = opened(browser, live_server, user_of(owner))
    partner.goto(f"{live_server.url}/ends/")
    partner.get_by_role("button", name="We know").click()

    expect(partner.get_by_role("main")).to_contain_text("No data")
    expect(partner.get_by_role("button", name="We know")).to_have_count(0)


def test_the_pages_of_changes_are_clean(browser, live_server, versions):
    now = timezone.now()
    old, new = versions
    old.deprecated_at, old.sunset_at = now, now + timedelta(days=120)
    old.save()
    Deprecation.objects.create(version=old, successor=new, guide="Read `weight`.")
    plan = Plan.objects.get(api=old.api, environment=Environment.PRODUCTION)
    client = SubscriptionFactory(plan=plan).client
    entry = Entry.objects.get(version=new)
    asked = {
        None: ["/changes/", "/changes/rules/", "/apis/parcels/changelog/", "/apis/parcels/v1/",
               "/apis/parcels/changelog/compare/", entry.get_absolute_url()],
        user_of(member(client.application.organization, Role.OWNER)): ["/ends/"],
        user_of(staff(Role.CATALOG)): ["/console/changes/", f"/console/changes/{entry.pk}/",
                                       "/console/changes/parcels/v1/end/",
                                       "/console/changes/parcels/v2/end/"],
    }  # fmt: skip
    found = []
    for user, addresses in asked.items():
        pages = {address.strip("/").replace("/", "-"): address for address in addresses}
        found += look_at(browser, live_server, user, pages)

    assert found == []
