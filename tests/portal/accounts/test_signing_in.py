from __future__ import annotations

import re

import pytest
from django.urls import reverse

from portal.access.actors import Role
from portal.accounts.models import StaffRole
from portal.events.models import Event
from portal.notifications.actions import send_due_messages
from portal.notifications.models import Message
from tests.factories.consent import CustomerFactory
from tests.factories.partners import OrganizationFactory
from tests.factories.people import Membership
from tests.portal.accounts.conftest import PASSWORD
from tests.portal.accounts.test_signing_up import code_of


def sign_in(client, person, **more):
    return client.post("/sign-in/", {"login": person.email, "password": PASSWORD, **more})


def test_a_person_goes_where_the_own_work_is(client, person):
    assert sign_in(client, person)["Location"] == "/home/"

    client.logout()
    CustomerFactory(user=person)
    assert sign_in(client, person)["Location"] == "/me/apps/"

    client.logout()
    Membership.objects.create(
        organization=OrganizationFactory(), user=person, roles=[Role.OWNER.value]
    )
    assert sign_in(client, person)["Location"] == "/home/"

    client.logout()
    person.memberships.all().delete()
    StaffRole.objects.create(user=person, role=Role.REVIEWER)
    assert sign_in(client, person)["Location"] == "/console/"


@pytest.mark.parametrize(
    ("wanted", "followed"),
    [
        ("/oauth/authorize?client_id=x&state=y", "/oauth/authorize?client_id=x&state=y"),
        ("https://evil.example/", "/home/"),
        ("//evil.example/", "/home/"),
        ("http://testserver.evil.example/", "/home/"),
        ("javascript:alert(1)", "/home/"),
    ],
)
def test_only_a_path_of_the_portal_is_followed(client, person, wanted, followed):
    assert sign_in(client, person, next=wanted)["Location"] == followed


def test_signing_in_and_out_is_recorded_with_how_and_nothing_else(client, person):
    sign_in(client, person)
    client.post("/accounts/sign-out/")

    signed_in, signed_out = Event.objects.order_by("id")
    assert signed_in.kind == "accounts.user.signed_in"
    assert signed_in.facts == {"methods": ["password"]}
    assert signed_out.kind == "accounts.user.signed_out"


def test_a_wrong_password_says_so_without_telling_who_has_an_account(client, person):
    wrong = client.post("/sign-in/", {"login": person.email, "password": "x" * 20})
    unknown = client.post("/sign-in/", {"login": "nobody@example.org", "password": "x" * 20})

    for page in (wrong, unknown):
        assert "That email and password do not match." in page.content.decode()


def test_guessing_is_stopped_after_five_tries(client, person):
    for _ in range(5):
        client.post("/sign-in/", {"login": person.email, "password": "x" * 20})

    page = sign_in(client, person).content.decode()

    assert "Too many tries" in page


def test_a_forgotten_password_is_replaced_by_the_link_of_the_mail_once(client, person, settings):
    client.post("/accounts/password/forgotten/", {"email": person.email})
    message = Message.objects.get()
    assert message.is_sensitive
    link = re.search(rf"{settings.ISSUER}(/accounts/password/new/\S+)", message.text).group(1)
    assert message.link == link

    page = client.get(link, follow=True)
    new = "another long enough password"
    response = client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})

    assert response["Location"] == reverse("account_reset_password_from_key_done")
    assert "/sign-in/" in client.get(response["Location"]).content.decode()
    assert sign_in(client, person).status_code == 200
    assert client.post("/sign-in/", {"login": person.email, "password": new}).status_code == 302
    assert Message.objects.filter(kind="accounts/password_changed").count() == 1
    assert Event.objects.filter(kind="accounts.password.changed").count() == 1
    client.logout()
    again = client.get(link, follow=True).content.decode()
    assert "This link does not work any more" in again
    send_due_messages()
    message.refresh_from_db()
    assert (message.text, message.link) == ("", "")


def test_the_link_of_a_reset_names_the_portal_and_not_the_host_of_the_request(client, person):
    client.post(
        "/accounts/password/forgotten/", {"email": person.email}, headers={"Host": "localhost"}
    )

    assert "http://localhost" not in Message.objects.get().text


def test_an_address_is_changed_with_a_code_and_the_old_one_hears_of_it(client, person):
    sign_in(client, person)
    old = person.email

    response = client.post("/accounts/email/", {"email": "next@example.org", "action_add": "1"})
    assert response.status_code == 302
    code = code_of(Message.objects.get(address="next@example.org"))
    client.post("/accounts/email/code/", {"code": code})

    person.refresh_from_db()
    assert person.email == "next@example.org"
    told = Message.objects.get(kind="accounts/email_changed")
    assert (told.address, told.user) == (old, person)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "\x00"])
def test_a_time_zone_that_does_not_exist_is_refused(client, person, zone):
    sign_in(client, person)

    response = client.post(
        "/accounts/profile/", {"name": "Leila Haddad", "time_zone": zone, "locale": "en"}
    )

    assert response.status_code == 200
    person.refresh_from_db()
    assert person.time_zone == "UTC"
