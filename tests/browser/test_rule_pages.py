"""The rules, their levels, scorecards and a new description: clean for axe, nothing sideways."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from catalog.rules.actions import override_rule
from catalog.rules.rulebook import RULES
from catalog.specs.actions import import_document
from portal.access.actors import SYSTEM, Role
from portal.events.log import deliver_due
from tests.browser.sessions import cookies_of
from tests.catalog.specs.documents import api, raw
from tests.factories.people import staff, user_of

SHOTS = os.environ.get("PORTAL_SHOTS", "")
WIDTHS = {"wide": 1440, "narrow": 390}
PAGES = {
    "rules": "/rules/",
    "rule": "/rules/path-case/",
    "levels": "/console/rules/",
    "change": "/console/rules/path-case/change/",
    "scorecards": "/console/scorecards/",
    "card": "/console/scorecards/people/v1/",
    "findings": "/console/apis/people/",
    "new": "/console/apis/new/",
}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def keeper():
    document = api(**{"x-portal": None}, servers=[])
    import_document(raw(document), by=SYSTEM, source="people.json", slug="people")
    override_rule(
        RULES["path-case"],
        by=staff(Role.CATALOG),
        level="off",
        reason="Its callers have known these addresses for years.",
        until=timezone.now() + timedelta(days=30),
    )
    deliver_due()
    return user_of(staff(Role.CATALOG))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", list(WIDTHS))
def test_the_pages_of_governance_are_clean(browser, live_server, keeper, size, theme):
    context = browser.new_context(
        viewport={"width": WIDTHS[size], "height": 900}, color_scheme=theme, locale="en-GB"
    )
    context.add_cookies(cookies_of(keeper, live_server))
    page = context.new_page()
    objections = []
    for name, path in PAGES.items():
        assert page.goto(f"{live_server.url}{path}").status == 200, name
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{size}-{theme}.png", full_page=True)
        found = Axe().run(page).response["violations"]
        objections += [f"{name}: {one['id']}" for one in found]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            objections.append(f"{name}: scrolls sideways")

    assert objections == []
