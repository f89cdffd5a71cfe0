from __future__ import annotations

import re

import pytest
from django.urls import reverse

from partners.webhooks import actions
from partners.webhooks.models import Endpoint, Message
from portal.access.actors import Role
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, user_of
from tests.partners.webhooks.conftest import withdrawn


@pytest.fixture
def signed_in(client, owner):
    client.force_login(user_of(owner))
    return client


def test_an_address_is_added_and_its_secret_shown_this_once(signed_in, organization):
    response = signed_in.post(
        "/webhooks/new/", {"url": "https://app.example/hooks", "format": "standard"}
    )

    [secret] = re.findall(r"whsec_[\w+/=]+", response.content.decode())
    assert len(secret) > 40
    assert "no-store" in response["Cache-Control"]
    endpoint = Endpoint.objects.get(organization=organization)
    page = signed_in.get(endpoint.get_absolute_url()).content.decode()
    assert "whsec_" not in page
    assert "https://app.example/hooks" in signed_in.get("/webhooks/").content.decode()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "app.example",
        "http://app.example/",
        "ftp://app.example/",
        "https://user:password@app.example/",
        "https://app.example/#part",
        "https://[::1",
        "https://app.example:99999/",
        "https://app.example/ x",
        "https://app.example/\x00",
        "javascript:alert(1)",
        "https://app.example/" + "a" * 600,
    ],
)
def test_an_address_that_cannot_be_one_is_an_error_in_the_form(signed_in, url):
    response = signed_in.post("/webhooks/new/", {"url": url, "format": "standard"})

    assert response.status_code == 200
    assert not Endpoint.objects.exists()


def test_the_same_address_twice_is_an_error_in_the_form(signed_in):
    signed_in.post("/webhooks/new/", {"url": "https://app.example/hooks", "format": "standard"})

    page = signed_in.post(
        "/webhooks/new/", {"url": "https://app.example/hooks", "format": "standard"}
    ).content.decode()

    assert "You have that address already." in page


def test_the_pages_of_another_organization_are_not_there(signed_in):
    other = OrganizationFactory(approved=True)
    endpoint, _ = actions.add_endpoint(
        other, by=member(other, Role.OWNER), url="https://other.example/"
    )
    message = Message.objects.get()

    for name, pk in (
        ("endpoint", endpoint.pk),
        ("roll", endpoint.pk),
        ("test", endpoint.pk),
        ("switch", endpoint.pk),
        ("remove", endpoint.pk),
        ("message", message.pk),
        ("again", message.pk),
    ):
        address = reverse(f"webhooks:{name}", args=[pk])
        answers = {signed_in.get(address).status_code, signed_in.post(address).status_code}
        assert answers <= {404, 405}
    assert "other.example" not in signed_in.get("/webhooks/").content.decode()


def test_a_viewer_sees_and_changes_nothing(client, organization, hooked):
    client.force_login(user_of(member(organization, Role.VIEWER)))
    endpoint, _ = hooked

    page = client.get("/webhooks/").content.decode()

    assert endpoint.url in page
    assert "Add an address" not in page
    assert client.get("/webhooks/new/").status_code == 403
    assert client.post(reverse("webhooks:roll", args=[endpoint.pk])).status_code == 403


def test_a_visitor_is_asked_to_sign_in(client, db):
    assert client.get("/webhooks/")["Location"] == "/sign-in/?next=/webhooks/"


def test_the_log_takes_the_same_few_queries_for_many_messages(
    signed_in, organization, hooked, django_assert_max_num_queries
):
    for _ in range(25):
        actions.queue_event(withdrawn(organization))

    with django_assert_max_num_queries(12):
        page = signed_in.get("/webhooks/").content.decode()

    assert page.count("consent.arrangement.withdrawn</span></a>") == 25


def test_a_message_shows_its_body_and_attempts_and_is_sent_again(
    signed_in, organization, hooked, httpserver
):
    httpserver.expect_request("/hooks").respond_with_data("", status=503)
    actions.queue_event(withdrawn(organization))
    from partners.webhooks import sending  # noqa: PLC0415

    sending.deliver_due_messages()
    message = Message.objects.get()

    page = signed_in.get(message.get_absolute_url()).content.decode()

    assert "503" in page
    assert "hr_live_1" in page
    waited_until = message.next_attempt_at
    signed_in.post(reverse("webhooks:again", args=[message.pk]))
    message.refresh_from_db()
    assert message.next_attempt_at < waited_until


def test_an_address_is_switched_off_and_on_and_removed(signed_in, hooked):
    endpoint, _ = hooked
    switch = reverse("webhooks:switch", args=[endpoint.pk])

    signed_in.post(switch)
    endpoint.refresh_from_db()
    assert endpoint.status == Endpoint.Status.DISABLED
    signed_in.post(switch)
    endpoint.refresh_from_db()
    assert endpoint.status == Endpoint.Status.PENDING
    remove = reverse("webhooks:remove", args=[endpoint.pk])
    assert "hears nothing from us" in signed_in.get(remove).content.decode()
    signed_in.post(remove)

    assert not Endpoint.objects.exists()
