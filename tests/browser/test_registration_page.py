"""The page on which an owner lets a program register applications, in Chromium."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from consent.registration.models import InitialToken
from portal.access.actors import Role
from tests.browser.sessions import cookies_of
from tests.consent.registration.test_register import Program
from tests.factories.people import member, user_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390], ids=["wide", "narrow"])
def test_the_page_is_accessible_and_fits(browser, live_server, transactional_db, *, width, theme):
    program = Program()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    context.add_cookies(cookies_of(user_of(program.owner), live_server))
    page = context.new_page()

    page.goto(f"{live_server.url}/registration-tokens/")

    report = Axe().run(page, options={"preload": False})
    assert report.violations_count == 0, report.generate_report()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0


def test_a_token_is_revoked_without_javascript(browser, live_server, transactional_db):
    program = Program()
    owner = user_of(member(program.organization, Role.OWNER))
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies_of(owner, live_server))
    page = context.new_page()
    page.goto(f"{live_server.url}/registration-tokens/")

    page.get_by_role("button", name="Revoke").click()
    page.wait_for_url("**/registration-tokens/")

    assert InitialToken.objects.get().revoked_at is not None
