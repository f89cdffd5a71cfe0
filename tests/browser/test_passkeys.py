"""Passkeys in Chromium, under our own content security policy."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from portal.accounts.models import User
from portal.notifications.models import Message
from tests.factories.people import UserFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def page(browser):
    """Return a page of a browser that has a fingerprint reader."""
    page = browser.new_page()
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return page


def test_a_passkey_is_added_and_signs_its_owner_in_without_a_password(page, live_server):
    cache.clear()
    user = UserFactory(email="amara@halden.example", name="Amara Okafor")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    blocked: list[str] = []
    page.on("console", lambda line: blocked.append(line.text) if line.type == "error" else None)

    page.goto(f"{live_server.url}/sign-in/?next=/accounts/security/webauthn/add/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", "a long enough password")
    page.click("text=Sign in with password")
    page.wait_for_url("**/webauthn/add/")
    page.fill("input[name=name]", "My phone")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/add/" not in url)

    assert Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).count() == 1
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/sign-in/?next=/notices/")
    page.click("#passkey_login")
    page.wait_for_url(f"{live_server.url}/notices/")

    assert page.inner_text("h1") == "Notices"
    assert not [line for line in blocked if "Content Security Policy" in line]


def test_somebody_signs_up_with_a_passkey_and_no_password(page, live_server):
    cache.clear()
    page.goto(f"{live_server.url}/sign-up/passkey/")
    page.fill("input[name=email]", "new@example.org")
    page.click("text=Continue with a passkey")
    page.wait_for_url("**/accounts/email/code/")
    text = Message.objects.get(kind="accounts/confirm_code").text
    page.fill("input[name=code]", re.search(r"^  (\S+)$", text, re.MULTILINE).group(1))
    page.get_by_role("button", name="Continue", exact=True).click()
    page.wait_for_url("**/webauthn/signup/")
    page.click("#mfa_webauthn_signup")
    page.wait_for_url("**/first-call/")

    assert page.inner_text("h1") == "Make your first call"
    assert not User.objects.get().has_usable_password()
