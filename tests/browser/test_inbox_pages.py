"""The reviewer's day with 200 waiting items, by keys; then the pages of an access and of an end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partners.endings import carrying
from partners.endings.actions import end_relationship
from partners.reviews.models import Review
from partners.subscriptions.models import Condition, Subscription
from portal.access.actors import Role
from tests.browser.looks import look_at, objections, opened
from tests.factories.catalog import LimitFactory, PlanFactory
from tests.factories.inboxes import fill_inbox
from tests.factories.partners import OrganizationFactory, SubscriptionFactory
from tests.factories.people import member, staff, user_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_reviewers_day_with_200_waiting_items(browser, live_server):
    fill_inbox(partners=40, each=5)
    tomas = staff(Role.REVIEWER, Role.SECURITY)
    page = opened(browser, live_server, user_of(tomas))
    page.goto(f"{live_server.url}/console/")
    expect(page.get_by_role("link", name="All 200")).to_be_visible()

    rows = page.locator("[data-inbox] th[scope=row]")
    page.keyboard.press("j")
    expect(rows.nth(0).get_by_role("link")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(rows.nth(0).get_by_role("link")).to_be_focused()
    boxes = page.get_by_role("checkbox")
    ticked = 0
    for number in range(rows.count()):
        if rows.nth(number).get_by_role("checkbox").count() and ticked < 2:
            rows.nth(number).get_by_role("link").focus()
            page.keyboard.press("x")
            ticked += 1
    expect(page.locator("[data-inbox] input:checked")).to_have_count(2)
    assert boxes.count() < rows.count()  # What two people decide is opened, not ticked.
    assert objections(page, "inbox") == []
    page.get_by_label("One reason for all").fill("Known, small, and only reads.")
    with page.expect_navigation():
        page.get_by_role("button", name="Approve ticked").click()
    expect(page.get_by_role("link", name="All 198")).to_be_visible()
    assert Review.objects.filter(status="approved").count() == 2

    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What is asked")).to_be_visible()
    assert objections(page, "review") == []
    page.context.close()

    given = SubscriptionFactory()
    owner = member(given.client.application.organization, Role.OWNER)
    LimitFactory(plan=given.plan, window_seconds=60, call_count=100)
    small = PlanFactory(api=given.plan.api, code="small", name="Small")
    LimitFactory(plan=small, window_seconds=60, call_count=10)
    Subscription.objects.filter(pk=given.pk).update(status="paused", pauses=["security"])
    for kind, days in (("pentest_due", -1), ("assurance_due", 40)):
        Condition.objects.create(
            subscription=given, kind=kind, due_at=timezone.now() + timedelta(days=days)
        )
    Condition.objects.create(subscription=given, kind="daily_calls", call_count=5000)
    gone, going = OrganizationFactory(approved=True), OrganizationFactory(approved=True)
    former = member(gone, Role.OWNER)
    end_relationship(gone, by=tomas, reason="Its app sent data elsewhere.")
    carrying.carry_on_endings()
    desk = {
        "access-console": f"/console/access/{given.pk}/",
        "end-begin": f"/console/partners/{going.slug}/ending/",
        "end-console": f"/console/partners/{gone.slug}/ending/",
    }
    assert look_at(browser, live_server, user_of(tomas), desk) == []
    assert look_at(browser, live_server, user_of(owner), {"access": given.get_absolute_url()}) == []
    assert look_at(browser, live_server, user_of(former), {"end": f"/endings/{gone.slug}/"}) == []
