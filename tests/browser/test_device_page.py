"""The page on which a customer types a device's code, in Chromium."""

from __future__ import annotations

import pytest
from django.utils import timezone

from consent.arrangements.models import Arrangement
from consent.oauth import devices
from consent.oauth.callers import Caller
from consent.oauth.models import DeviceGrant
from consent.oauth.parameters import Parameters
from tests.browser.looks import objections, opened
from tests.browser.sessions import cookies_of
from tests.factories.oauth import make_world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def world(transactional_db):
    return make_world()


@pytest.fixture
def user_code(world) -> str:
    asked = Parameters({"scope": "need:read extra:read open:read"})
    return devices.begin(Caller(world.client), asked, at=timezone.now())["user_code"]


def test_each_state_is_accessible_and_fits(browser, world, user_code, live_server):
    page = opened(browser, live_server, world.customer.user)

    def press(button: str) -> None:
        with page.expect_navigation():
            page.get_by_role("button", name=button, exact=True).click()

    page.goto(f"{live_server.url}/device/")
    found = objections(page, "device-empty")
    page.get_by_label("Code on your device").fill("BBBB-BBBB")
    press("See what it asks for")
    found += objections(page, "device-wrong")
    page.get_by_label("Code on your device").fill(user_code)
    press("See what it asks for")
    found += objections(page, "device-asked")
    DeviceGrant.objects.update(expires=timezone.now())
    press("Allow")
    found += objections(page, "device-expired")
    page.goto(f"{live_server.url}/device/answered/")
    found += objections(page, "device-answered")

    assert found == []


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_code_from_the_address_is_confirmed_and_the_choice_is_kept(
    browser, world, user_code, live_server, *, javascript
):
    context = browser.new_context(java_script_enabled=javascript)
    context.add_cookies(cookies_of(world.customer.user, live_server))
    page = context.new_page()
    page.goto(f"{live_server.url}/device/?user_code={user_code}")
    assert page.get_by_label("Code on your device").input_value() == user_code

    page.get_by_role("button", name="See what it asks for").click()
    assert page.get_by_role("heading", name=world.client.application.name).is_visible()
    page.get_by_role("switch").check()
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url("**/device/answered/")

    shared = Arrangement.objects.get().versions.get().items.values_list("scope__name", flat=True)
    assert set(shared) == {"need:read", "extra:read"}
    assert DeviceGrant.objects.get().status == DeviceGrant.AUTHORIZED
