"""From the sign-up page to the first answer, without leaving the browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone

from consent.gateway.models import Usage
from partners.applications.models import Credential
from partners.joining.models import Start
from portal.access.actors import Role
from portal.accounts.landing import opened_now, read_opened
from portal.accounts.models import User
from portal.notifications.models import Message
from tests.factories.gateway import open_gate
from tests.factories.partners import OrganizationFactory
from tests.factories.people import UserFactory, member
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
NEW = {"email": "new@example.org", "password1": "a long enough password", "website": ""}


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests(db):
    cache.clear()


def sign_up(client, **more):
    page = client.get("/sign-up/").content.decode()
    opened = re.search(r'name="opened" value="([^"]+)"', page).group(1)
    client.post("/sign-up/", NEW | {"opened": opened} | more)
    mailed = Message.objects.get(kind="accounts/confirm_code").text
    code = re.search(r"^  (\S+)$", mailed, re.MULTILINE).group(1)
    return client.post("/accounts/email/code/", {"code": code} | more)


def key_on(page):
    return re.search(r"mrs_[\w-]{40,}", page)


def test_signing_up_leads_to_a_key_and_one_press_to_an_answer(client):
    open_gate()
    landed = timezone.now().replace(microsecond=0)
    with time_machine.travel(landed, tick=False):
        assert sign_up(client)["Location"] == "/first-call/"
    page = client.get("/first-call/").content.decode()
    key = key_on(page).group()
    assert "Call the sandbox" in page

    with time_machine.travel(landed + timedelta(seconds=134), tick=False):
        page = client.post("/first-call/").content.decode()

    assert "It works" in page
    assert "2 min 14 s after you opened the sign-up page" in page
    assert page.count('data-tone="success"') == 2
    assert key in page
    assert not re.search(r"mat_\w", page)
    assert Usage.objects.get().reason == "allowed"
    again = client.get("/first-call/").content.decode()
    assert key_on(again) is None
    assert "It works" in again
    assert "2 min 14 s" in _console_page(client)


def _console_page(client):
    from tests.factories.people import staff  # noqa: PLC0415

    sign_in(client, staff(Role.REVIEWER))
    slug = Start.objects.get().organization.slug
    return client.get(f"/console/partners/{slug}/").content.decode()


def test_the_key_is_kept_nowhere_in_the_clear(client):
    open_gate()
    sign_up(client)
    key = key_on(client.get("/first-call/").content.decode()).group()

    kept = [session.get_decoded() for session in Session.objects.all()]

    assert key not in str(kept)
    assert key not in str(Credential.objects.values())


def test_a_call_from_a_terminal_counts_as_well(client):
    gate = open_gate()
    sign_up(client)
    start = Start.objects.get()
    assert start.answered_at is None

    key = key_on(client.get("/first-call/").content.decode()).group()
    token = client.post(
        "/oauth/token",
        "grant_type=client_credentials&scope=open:read",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": _basic(start.client.client_id, key)},
    ).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get(f"/sandbox/{gate.api.slug}/v1/shops", headers=bearer).status_code == 200

    start.refresh_from_db()
    assert start.answered_at is not None


def _basic(name, secret):
    from base64 import b64encode  # noqa: PLC0415

    return f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}"


def test_a_revoked_key_and_a_stopped_organization_get_no_answer(client):
    open_gate()
    sign_up(client)
    Credential.objects.update(revoked_at=timezone.now())

    page = client.post("/first-call/").content.decode()

    assert "We could not make the call" in page
    assert Start.objects.get().answered_at is None


def test_who_came_for_something_else_goes_on_to_that_and_gets_nothing(client):
    gone_on = sign_up(client, next="/help/")

    assert gone_on["Location"] == "/help/"
    assert not Start.objects.exists()
    client.post("/first-call/start/")
    client.post("/first-call/start/")
    assert Start.objects.count() == 1
    assert Start.objects.get().landed_at is not None


def test_the_page_is_for_who_began_here(client):
    assert client.get("/first-call/").url.startswith("/sign-in/")
    sign_in(client, member(OrganizationFactory(), Role.OWNER))
    assert client.get("/first-call/").url == "/home/"
    client.force_login(UserFactory())
    assert client.get("/first-call/").url == "/home/"
    assert "Start in the sandbox" in client.get("/home/").content.decode()


def test_a_statement_of_landing_is_ours_and_of_today():
    assert read_opened(opened_now()) is not None
    with time_machine.travel(timezone.now() - timedelta(hours=25)):
        old = opened_now()
    for said in (old, "", "x" * 9_000, opened_now() + "x"):
        assert read_opened(said) is None


def test_a_sign_up_with_a_passkey_asks_for_the_address_alone(client):
    page = client.get("/sign-up/passkey/").content.decode()
    assert 'name="password1"' not in page

    client.post("/sign-up/passkey/", {"email": NEW["email"], "website": ""})

    user = User.objects.get()
    assert not user.has_usable_password()
    mailed = Message.objects.get(kind="accounts/confirm_code").text
    code = re.search(r"^  (\S+)$", mailed, re.MULTILINE).group(1)
    made = client.post("/accounts/email/code/", {"code": code})
    assert made["Location"] == "/accounts/security/webauthn/signup/"
    assert "Make your passkey" in client.get(made["Location"]).content.decode()
