"""Guides, an API's status, gaps and ends in Chromium: written, published, read and looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from catalog.changes import ending
from catalog.guides.models import Guide
from catalog.plans.models import Environment, Plan
from consent.gateway.decision import Reason
from consent.gateway.usage import count_decision
from portal.access.actors import Role
from tests.browser.looks import look_at, opened
from tests.factories.changes import parcels, publish
from tests.factories.guides import guide
from tests.factories.partners import SubscriptionFactory
from tests.factories.people import member, staff, user_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = (
    "## Begin\n\nCall [it](/apis/parcels/v1/getParcel/).\n\n## Then\n\n```\ncurl https://x\n```\n"
)


def test_staff_write_a_guide_and_everybody_reads_it_beside_the_status_and_what_ends(
    browser, live_server
):
    now = timezone.now()
    version = publish(parcels(), at=now - timedelta(days=300))
    plan = Plan.objects.get(api=version.api, environment=Environment.PRODUCTION)
    subscription = SubscriptionFactory(plan=plan, ends_at=now + timedelta(days=400))
    end = ending.announce_deprecation(
        version, by=staff(Role.CATALOG), deprecated_at=now, sunset_at=now + timedelta(days=200),
        no_successor="Ask us.",
    )  # fmt: skip
    count_decision(subscription.client_id, "parcels/v1/getParcel", Reason.ALLOWED, at=now)
    guide(version.api, title="Send a gift", kind=Guide.Kind.USE_CASE)
    keeper = user_of(staff(Role.CATALOG))
    partner = user_of(member(subscription.client.application.organization, Role.OWNER))

    page = opened(browser, live_server, keeper)
    page.goto(f"{live_server.url}/console/guides/new/")
    page.get_by_label("About").select_option(label="Parcels")
    page.get_by_label("Title").fill("Track a parcel")
    page.get_by_label("In one sentence").fill("From order to door.")
    page.get_by_label("Text").fill(TEXT)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Begin")).to_be_visible()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Nobody reads it")
    page.get_by_label("Text").fill(TEXT.replace("Then", "After that"))
    page.get_by_role("button", name="Keep and publish").click()
    expect(page.get_by_role("main")).to_contain_text("They read revision 2")
    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name="Revision 2").click()
    expect(page.get_by_label("Lines that changed")).to_contain_text("After that")
    page.context.close()

    written = "/guides/track-a-parcel/"
    objections = look_at(
        browser, live_server, None,
        {"guides": "/guides/", "guide": written, "guides of an API": "/apis/parcels/guides/",
         "status": "/apis/parcels/status/"},
    )  # fmt: skip
    console = {
        "guides desk": "/console/guides/",
        "guide edited": f"/console{written}edit/",
        "guide history": f"/console{written}history/",
        "guide revision": f"/console{written}history/2/",
        "gaps": "/console/gaps/",
        "what ends": "/console/ends/",
        "who uses it": f"/console/ends/{end.pk}/",
    }
    objections += look_at(browser, live_server, keeper, console)
    objections += look_at(browser, live_server, partner, {"own ends": "/ends/"})
    assert objections == []
