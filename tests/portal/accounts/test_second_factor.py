from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import RequestFactory

from portal.access.actors import Role
from portal.accounts.guards import recent_login
from portal.accounts.models import StaffRole
from portal.events.models import Event
from portal.notifications.models import Message
from tests.portal.accounts.conftest import PASSWORD
from tests.portal.accounts.test_signing_in import sign_in


@pytest.fixture
def reviewer(person, settings):
    settings.STAFF_NEED_SECOND_FACTOR = True
    StaffRole.objects.create(user=person, role=Role.REVIEWER)
    return person


def current_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def enrol(client) -> str:
    page = client.get("/accounts/security/totp/activate/").content.decode()
    secret = re.search(r'<code class="scope">(\w+)</code>', page).group(1)
    client.post("/accounts/security/totp/activate/", {"code": current_code(secret)})
    return secret


@pytest.mark.parametrize("page", ["/console/outbox/", "/home/", "/notices/", "/accounts/profile/"])
def test_staff_without_a_second_factor_reach_only_its_setup(client, reviewer, page):
    sign_in(client, reviewer)

    response = client.get(page)

    assert (response.status_code, response["Location"]) == (302, "/accounts/security/")
    assert "Set up a second step" in client.get("/accounts/security/").content.decode()
    assert client.post("/accounts/sign-out/").status_code == 302


def test_staff_with_a_second_factor_reach_the_console(client, reviewer):
    sign_in(client, reviewer)

    enrol(client)

    assert client.get("/notices/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client, reviewer):
    sign_in(client, reviewer)
    Authenticator.objects.create(
        user=reviewer, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"}
    )

    assert client.get("/notices/").status_code == 302


def test_others_need_no_second_factor(client, person, settings):
    settings.STAFF_NEED_SECOND_FACTOR = True
    sign_in(client, person)

    assert client.get("/notices/").status_code == 200


def test_the_secret_of_the_app_is_sealed_at_rest_and_asked_for_at_the_next_sign_in(
    client, person, django_capture_on_commit_callbacks
):
    sign_in(client, person)
    with django_capture_on_commit_callbacks(execute=True):
        secret = enrol(client)

    stored = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert secret not in str(stored.data)
    assert Event.objects.filter(kind="accounts.second_factor.added").count() == 1
    assert Message.objects.filter(kind="accounts/second_factor_added").count() == 1
    client.post("/accounts/sign-out/")
    assert sign_in(client, person)["Location"] == "/accounts/security/authenticate/"
    assert client.get("/notices/").status_code == 302
    page = client.post("/accounts/security/authenticate/", {"code": "000000"})
    assert "That code does not match" in page.content.decode()


def test_recovery_codes_are_shown_and_open_the_door_once(client, person):
    sign_in(client, person)
    enrol(client)
    page = client.get("/accounts/security/recovery-codes/").content.decode()
    code = re.search(r'aria-label="Your recovery codes">(\S+)', page).group(1)
    client.post("/accounts/sign-out/")

    sign_in(client, person)
    assert client.post("/accounts/security/authenticate/", {"code": code}).status_code == 302
    assert client.get("/notices/").status_code == 200

    client.post("/accounts/sign-out/")
    sign_in(client, person)
    assert client.post("/accounts/security/authenticate/", {"code": code}).status_code == 200


def test_an_old_sign_in_is_asked_again_before_what_is_worth_protecting(client, person):
    sign_in(client, person)
    session = client.session
    session["account_authentication_methods"] = [
        {**record, "at": record["at"] - 3600}
        for record in session["account_authentication_methods"]
    ]
    session.save()

    response = client.get("/accounts/security/totp/activate/")
    assert response["Location"].startswith("/accounts/confirm/")
    response = client.post(response["Location"], {"password": PASSWORD})

    assert response["Location"] == "/accounts/security/totp/activate/"


def test_the_guard_asks_whoever_is_not_signed_in(person):
    from allauth.core.exceptions import ReauthenticationRequired  # noqa: PLC0415
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415

    request = RequestFactory().post("/")
    request.user = AnonymousUser()

    with pytest.raises(ReauthenticationRequired):
        recent_login(lambda _: None)(request)
