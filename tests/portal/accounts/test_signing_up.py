from __future__ import annotations

import re
from importlib import import_module

import pytest
from django.core import mail
from django.utils import timezone

from portal.accounts.models import User
from portal.events.models import Event
from portal.events.people import account_of
from portal.notifications.actions import send_due_messages
from portal.notifications.models import Message
from tests.portal.accounts.conftest import PASSWORD

NEW = {"email": "new@example.org", "password1": PASSWORD, "website": ""}


def code_of(message: Message) -> str:
    [code] = re.findall(r"^  (\S+)$", message.text, re.MULTILINE)
    return code


def test_a_person_signs_up_proves_the_address_and_says_a_name(client):
    response = client.post("/sign-up/", NEW)
    assert response["Location"] == "/accounts/email/code/"
    page = client.get("/accounts/email/code/").content.decode()
    assert "new@example.org" in page

    response = client.post("/accounts/email/code/", {"code": code_of(Message.objects.get())})
    assert response["Location"] == "/first-call/"
    response = client.post(
        "/accounts/profile/",
        {"name": "Bruno Silva", "time_zone": "Europe/Lisbon", "locale": "en"},
    )

    assert response["Location"] == "/home/"
    user = User.objects.get()
    assert (user.name, user.time_zone) == ("Bruno Silva", "Europe/Lisbon")
    of_theirs = Event.objects.filter(kind__startswith="accounts.").order_by("id")
    kinds = list(of_theirs.values_list("kind", flat=True))
    assert kinds == [
        "accounts.user.signed_up",
        "accounts.email.verified",
        "accounts.user.signed_in",
        "accounts.user.changed",
    ]


def test_no_event_of_an_account_holds_personal_data(client):
    client.post("/sign-up/", NEW)
    client.post("/accounts/email/code/", {"code": code_of(Message.objects.get())})
    user = User.objects.get()

    for event in Event.objects.filter(kind__startswith="accounts."):
        assert event.subject == f"accounts.user:{event.person_id}"
        assert account_of(event.person_id) == user.pk
        assert "new@example.org" not in str(event.facts)


def test_a_wrong_code_opens_nothing_and_the_third_ends_the_attempt(client):
    client.post("/sign-up/", NEW)

    for _ in range(3):
        response = client.post("/accounts/email/code/", {"code": "AAA-AAA"})

    assert response.status_code == 302
    assert not Event.objects.filter(kind="accounts.email.verified").exists()


def test_the_mail_with_the_code_forgets_it_after_it_was_sent(client):
    client.post("/sign-up/", NEW)
    code = code_of(Message.objects.get())

    send_due_messages()

    assert code in mail.outbox[0].body
    sent = Message.objects.get()
    assert code not in sent.subject + sent.text + sent.html


def test_a_known_address_answers_as_a_new_one_does_and_its_owner_hears_of_it(client, person):
    known = client.post("/sign-up/", {**NEW, "email": person.email})
    known_page = client.get(known["Location"]).content.decode()
    client.logout()
    new = client.post("/sign-up/", NEW)
    new_page = client.get(new["Location"]).content.decode()

    assert known.status_code == new.status_code
    assert known["Location"] == new["Location"]
    for page in (known_page, new_page):
        assert "Type the code we mailed you" in page
    assert known_page.count("<form") == new_page.count("<form")
    told = Message.objects.get(user=person)
    assert told.kind == "accounts/already_here"
    assert User.objects.count() == 2


def test_a_mailbox_cannot_be_flooded_by_signing_up_with_it(client, person):
    for _ in range(8):
        client.post("/sign-up/", {**NEW, "email": person.email})
        client.cookies.clear()
        _forget_short_limits()

    assert Message.objects.filter(address=person.email).count() == 2


@pytest.mark.parametrize("old", [True, False])
def test_resets_are_capped_a_day_and_silently(client, person, old):
    answers = set()
    for _ in range(8):
        response = client.post("/accounts/password/forgotten/", {"email": person.email})
        answers.add((response.status_code, response["Location"]))
        if old:
            yesterday = timezone.now() - timezone.timedelta(hours=25)
            Message.objects.update(created_at=yesterday)
        _forget_short_limits()

    assert len(answers) == 1
    assert Message.objects.count() == (8 if old else 5)


def test_the_cap_of_codes_holds_over_new_sessions(client):
    client.post("/sign-up/", NEW)
    for _ in range(8):
        client.cookies.clear()
        _forget_short_limits()
        client.post("/sign-in/", {"login": NEW["email"], "password": PASSWORD})

    assert Message.objects.filter(address=NEW["email"]).count() == 5


def test_one_network_cannot_sign_up_without_end(client):
    answers = [
        client.post("/sign-up/", {**NEW, "email": f"new{number}@example.org"}).status_code
        for number in range(11)
    ]

    assert answers[-1] == 429


def test_a_network_of_ipv6_counts_as_one_visitor(client):
    answers = [
        client.post(
            "/sign-up/passkey/",
            {"email": f"new{number}@example.org", "website": ""},
            REMOTE_ADDR=f"2001:db8:1:{1 if number < 11 else 2}::{number + 1:x}",
        ).status_code
        for number in range(12)
    ]

    assert answers[10:] == [429, 302]


@pytest.mark.parametrize(
    ("page", "hashes"), [("/sign-up/", 1), ("/sign-up/passkey/", 0)], ids=["password", "passkey"]
)
def test_a_known_address_costs_the_hashes_that_a_new_one_costs(
    client, person, page, hashes, monkeypatch
):
    made = []
    for module in ("django.contrib.auth.base_user", "portal.accounts.adapters"):
        whole = import_module(module).make_password
        monkeypatch.setattr(
            f"{module}.make_password",
            lambda password, whole=whole: (made.append(1) if password else None, whole(password))[
                1
            ],
        )

    for email in (person.email, "new@example.org"):
        made.clear()
        password = {"password1": PASSWORD} if hashes else {}
        client.post(page, {"email": email, "website": ""} | password)
        client.cookies.clear()
        assert len(made) == hashes


def test_a_reset_of_an_unknown_address_mails_nobody_and_looks_the_same(client, person):
    known = client.post("/accounts/password/forgotten/", {"email": person.email})
    unknown = client.post("/accounts/password/forgotten/", {"email": "nobody@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert Message.objects.count() == 1


def test_whoever_fills_the_trap_gets_no_account(client):
    response = client.post("/sign-up/", {**NEW, "website": "https://spam.example"})

    assert response.status_code == 302
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "password", ["short", "password1234", "new@example.org", "a\x00" + "b" * 20]
)
def test_a_weak_or_broken_password_is_an_error_in_the_form(client, password):
    response = client.post("/sign-up/", {**NEW, "password1": password})

    assert response.status_code == 200
    assert not User.objects.exists()


def _forget_short_limits():
    """Let time pass for the limits in Redis; the daily cap is in PostgreSQL."""
    from django.core.cache import cache  # noqa: PLC0415

    cache.clear()
