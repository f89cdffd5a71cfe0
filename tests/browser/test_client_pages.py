"""Keys, request log and profile in Chromium: clean for axe, no sideways scrolling."""

from __future__ import annotations

import pytest
from joserfc.jwk import ECKey, OKPKey

from partners.applications import security
from portal.access.actors import Role
from tests.browser.looks import objections, opened
from tests.factories.oauth import make_world
from tests.factories.people import member, staff, user_of
from tests.factories.reviews import review_of_access

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


def test_the_pages_of_a_client_are_accessible_and_fit(browser, walked, live_server):
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
    found = []
    for name, (who, address) in pages.items():
        page = opened(browser, live_server, who)
        page.goto(f"{live_server.url}{address}")
        if name == "log":
            page.get_by_role("main").locator("summary").first.click()
        found += objections(page, name)
        page.context.close()

    assert found == []
