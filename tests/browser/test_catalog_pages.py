"""The catalog in Chromium, on the reference description: clean for axe, no sideways scrolling."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from catalog.scopes.models import Scope
from catalog.specs.actions import import_document
from portal import sandbox
from portal.access.actors import Role
from portal.events.log import deliver_due
from tests.browser.looks import look_at
from tests.factories.partners import ApplicationFactory, DataUseFactory
from tests.factories.people import member, staff, user_of
from tests.factories.publishing import published

DESCRIPTION = Path(sandbox.__file__).parent / "descriptions/prescriptions.v1.yaml"
PAGES = {
    "list": "/apis/",
    "api": "/apis/prescriptions/",
    "operation": "/apis/prescriptions/v1/getPrescription/?app=halden-refill",
    "python": "/apis/prescriptions/v1/requestRefill/?lang=python",
    "changelog": "/apis/prescriptions/changelog/",
    "search": "/apis/search/?q=refill",
    "narrowed": "/apis/search/?q=refill&depth=4&kind=fields",
    "slip": "/apis/search/?q=perscription",
    "nothing": "/apis/search/?q=parcel+zebra",
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def amara():
    """Return a developer whose application does not ask for the pharmacist's notes."""
    ines = staff(Role.CATALOG)
    revision = import_document(DESCRIPTION.read_bytes(), by=ines, source=DESCRIPTION.name)
    published(revision.version, by=ines)
    deliver_due()
    application = ApplicationFactory(name="Halden Refill", slug="halden-refill")
    for name in ("prescriptions:read", "refills:write"):
        DataUseFactory(application=application, scope=Scope.objects.get(name=name))
    return user_of(member(application.organization, Role.DEVELOPER))


def test_every_page_of_the_catalog_is_clean(browser, live_server, amara):
    assert look_at(browser, live_server, amara, PAGES) == []


def test_results_follow_the_typing_and_languages_change_in_place(browser, live_server, amara):
    page = browser.new_page()
    page.goto(f"{live_server.url}/apis/")

    page.keyboard.press("/")
    page.keyboard.type("refill")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("results")
    page.get_by_role("searchbox").fill("delivery area")
    expect(page.get_by_role("link", name="Get the delivery area")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/apis/search/\?q=delivery"))

    page.get_by_role("searchbox").fill("delivrey area")
    expect(page.get_by_role("status")).to_contain_text("spelled nearly as")
    page.get_by_role("link", name="Get the delivery area").click()
    page.get_by_role("link", name="JavaScript").click()
    expect(page.get_by_role("region", name="Request in JavaScript")).to_contain_text("fetch")


def test_the_reference_of_our_own_api_runs_under_the_policy(browser, live_server, amara):
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))

    page.goto(f"{live_server.url}/api/v1/docs", wait_until="networkidle")

    expect(page.get_by_text("/api/v1/apis/{slug}/versions/{label}/operations")).to_be_visible()
    assert complaints == []
