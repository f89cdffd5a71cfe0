"""The page on which an owner lets a program register applications, in Chromium."""

from __future__ import annotations

import pytest

from consent.registration.models import InitialToken
from portal.access.actors import Role
from tests.browser.looks import look_at
from tests.browser.sessions import cookies_of
from tests.consent.registration.test_register import Program
from tests.factories.people import member, user_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_the_page_is_accessible_and_fits(browser, live_server, transactional_db):
    owner = user_of(Program().owner)

    assert look_at(browser, live_server, owner, {"tokens": "/registration-tokens/"}) == []


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
