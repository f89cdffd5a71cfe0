"""Keys, request log and profile in Chromium: clean for axe, no sideways scrolling."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from joserfc.jwk import ECKey, OKPKey

from partners.applications import security
from portal.access.actors import Role
from tests.browser.sessions import cookies_of
from tests.factories.oauth import make_world
from tests.factories.people import member, staff, user_of
from tests.factories.reviews import review_of_access

SHOTS = os.environ.get("PORTAL_SHOTS", "")
WIDTHS = {"wide": 1440, "narrow": 390}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def walked():
    """Return a client with two keys and a log of answers and refusals, and its developer."""
    world = make_world()
    developer = member(world.client.application.organization, Role.DEVELOPER)
    keys = [ECKey.generate_key("P-256", auto_kid=True), OKPKey.generate_key(auto_kid=True)]
    jwks = {"keys": [key.as_dict(private=False) for key in keys]}
    security.set_client_keys(world.client, by=developer, jwks=jwks)
    world.post(grant_type="client_credentials", scope="open:read")
    world.post(grant_type="client_credentials", scope="need:read")
    world.post(basic=False, client_id=str(world.client.client_id), client_secret="wrong")
    world.ask(redirect_uri="https://app.example/elsewhere?next=1")
    return world, user_of(developer)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
def test_the_pages_of_a_client_are_accessible_and_fit(browser, walked, live_server, size, theme):
    world, user = walked
    base = f"/apps/{world.client.application.slug}"
    review = review_of_access()
    pages = {
        "application": (user, f"{base}/"),
        "keys": (user, f"{base}/production/keys/"),
        "log": (user, f"{base}/log/"),
        "log-empty": (user, f"{base}/log/?environment=sandbox"),
        "review": (user_of(staff(Role.REVIEWER)), review.get_absolute_url()),
    }
    objections = []
    for name, (who, address) in pages.items():
        context = browser.new_context(
            viewport={"width": WIDTHS[size], "height": 900}, color_scheme=theme, locale="en-GB"
        )
        context.add_cookies(cookies_of(who, live_server))
        page = context.new_page()
        page.goto(f"{live_server.url}{address}")
        if name == "log":
            page.get_by_role("main").locator("summary").first.click()
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{size}-{theme}.png", full_page=True)
        found = Axe().run(page).response["violations"]
        objections += [
            f"{name}: {one['id']} {[node['target'] for node in one['nodes']]}" for one in found
        ]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            objections.append(f"{name} scrolls sideways")
        context.close()

    assert objections == []
