"""Every account page stands in our shells and keeps our content security policy."""

from __future__ import annotations

import re

import pytest

from portal.access.actors import Role
from portal.accounts.models import StaffRole
from tests.portal.accounts.test_second_factor import enrol
from tests.portal.accounts.test_signing_in import sign_in

FOR_VISITORS = [
    "/sign-in/",
    "/sign-up/",
    "/accounts/password/forgotten/",
    "/accounts/password/forgotten/sent/",
    "/accounts/password/new/done/",
    "/accounts/password/new/a-b/",
    "/accounts/closed/",
]
FOR_PEOPLE = [
    "/accounts/profile/",
    "/accounts/email/",
    "/accounts/password/",
    "/accounts/sign-out/",
    "/accounts/confirm/",
    "/accounts/sessions/",
    "/accounts/security/",
    "/accounts/security/totp/activate/",
    "/accounts/security/webauthn/",
    "/accounts/security/webauthn/add/",
]
FOR_ENROLLED = [
    "/accounts/security/",
    "/accounts/security/reauthenticate/",
    "/accounts/security/totp/deactivate/",
    "/accounts/security/recovery-codes/",
    "/accounts/security/recovery-codes/generate/",
]


def assert_keeps_our_rules(response):
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert "<style" not in page
    assert not re.search(r"\sstyle=", page)
    assert not re.search(r"\son\w+=", page)
    assert 'href="#"' not in page
    for script in re.findall(r"<script([^>]*)>", page):
        assert "src=" in script or 'type="application/json"' in script
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("page", FOR_VISITORS)
def test_pages_for_visitors(client, page):
    assert_keeps_our_rules(client.get(page))


@pytest.mark.parametrize("page", FOR_PEOPLE)
@pytest.mark.parametrize("is_staff", [True, False])
def test_pages_for_people(client, person, page, is_staff):
    if is_staff:
        StaffRole.objects.create(user=person, role=Role.REVIEWER)
    sign_in(client, person)

    assert_keeps_our_rules(client.get(page))


@pytest.mark.parametrize("page", FOR_ENROLLED)
def test_pages_for_people_with_a_second_factor(client, person, page):
    sign_in(client, person)
    enrol(client)

    assert_keeps_our_rules(client.get(page))


@pytest.mark.parametrize("page", [*FOR_PEOPLE, *FOR_ENROLLED])
def test_a_visitor_is_asked_to_sign_in(client, page):
    response = client.get(page)

    assert response.status_code == 302
    assert response["Location"].startswith(("/sign-in/", "/"))


def test_too_many_tries_is_a_page(client):
    for number in range(11):
        response = client.post(
            "/sign-up/", {"email": f"n{number}@example.org", "password1": "a long enough password"}
        )

    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()
