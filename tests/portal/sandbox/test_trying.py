"""Trying a call from an operation's page: what a partner sees is what the gateway would say."""

from __future__ import annotations

import html
import logging

import pytest
from django.test import Client as Browser

from catalog.apis.models import Api, Audience
from catalog.scopes.models import Scope
from consent.arrangements.models import Arrangement
from consent.oauth.models import AccessToken
from consent.oauth.trial_tokens import SandboxOnly, trial_token
from consent.proofs.store import store
from partners.applications.models import DataUse
from portal.access.actors import Role
from portal.errors import NotAllowed
from portal.events.models import Event
from portal.sandbox.models import Refill
from portal.sandbox.trying import calling, customers
from tests.factories.consent import CustomerFactory
from tests.factories.partners import ClientFactory
from tests.factories.people import member, user_of
from tests.factories.reference import make_reference

pytestmark = pytest.mark.django_db

LIST = "/apis/prescriptions/v1/listPrescriptions/try/"


@pytest.fixture
def world():
    # What earlier tests counted for people who had the same ids.
    for name in store().scan_iter("sandbox-tries:*"):
        store().delete(name)
    return make_reference()


def signed_in(world, role: Role = Role.DEVELOPER) -> Browser:
    browser = Browser()
    browser.force_login(user_of(member(world.client.application.organization, role)))
    return browser


def send(browser, world, address: str = LIST, **filled: str) -> str:
    form = {
        "app": world.client.application.slug,
        "customer": str(world.customer.public_id),
        "do": "send",
    }
    response = browser.post(address, {**form, **filled})
    assert response.status_code == 200, response.content.decode()
    return html.unescape(response.content.decode())


def test_a_partner_tries_an_operation_as_a_test_customer_who_agrees_and_stops(world):
    browser = signed_in(world)

    before = send(browser, world)
    agreed = send(browser, world, do="agree")
    stopped = send(browser, world, do="stop")

    assert "403 Forbidden" in before
    assert "/problems/customer_missing" in before
    assert "200 OK" in agreed
    assert "medicine-one-1" in agreed
    assert "/problems/allowed" in agreed
    assert "RateLimit" in agreed or "Cache-Control" in agreed
    assert "/problems/consent_withdrawn" in stopped
    assert "medicine-one-1" not in stopped
    assert [event.kind for event in Event.objects.filter(kind__startswith="sandbox.")] == [
        "sandbox.test_customer.agreed",
        "sandbox.test_customer.stopped",
    ]


def test_parameters_and_bodies_reach_the_sandbox_and_change_what_it_keeps(world):
    browser = signed_in(world)
    listed = send(browser, world, do="agree", p0="", p1="")
    start = listed.index('"rx_')
    name = listed[start + 1 : listed.index('"', start + 1)]

    page = send(
        browser,
        world,
        "/apis/prescriptions/v1/requestRefill/try/",
        p0=name,
        body='{"pharmacy_id": "ph_harbour"}',
    )
    again = send(
        browser, world, "/apis/prescriptions/v1/requestRefill/try/", p0=name, body="{broken"
    )

    assert "201 Created" in page
    assert Refill.objects.count() == 1
    assert "400 Bad Request" in again
    assert "The body is not JSON." in again


def test_what_one_fills_in_is_prefilled_with_the_example_of_the_description(world):
    page = signed_in(world).get("/apis/prescriptions/v1/requestRefill/try/").content.decode()

    assert "pharmacy_id" in page
    assert 'value="rx_' in page
    assert str(world.customer.public_id) in page


def test_the_token_never_reaches_the_browser_an_address_or_a_log_and_ends_with_the_call(
    world, caplog, monkeypatch
):
    seen = []
    request = calling._request
    monkeypatch.setattr(
        calling, "_request", lambda *given: seen.append(given[-1]) or request(*given)
    )
    with caplog.at_level(logging.DEBUG):
        page = send(signed_in(world), world, do="agree")

    [token] = seen
    [row] = AccessToken.objects.all()
    assert token.startswith("mat_")
    assert token not in page
    assert token not in caplog.text
    assert "Bearer" not in page.partition('id="answer"')[2]
    assert row.revoked_at is not None
    assert world.call("/prescriptions", token=token).status_code == 401


def test_a_scope_that_the_application_does_not_ask_for_is_missing_here_too(world):
    scope = Scope.objects.get(name="prescriptions:read")
    DataUse.objects.filter(application=world.client.application, scope=scope).delete()

    assert "/problems/scope_missing" in send(signed_in(world), world, do="agree")


def test_an_operation_without_customers_is_called_for_the_application_itself(world):
    browser = signed_in(world)

    page = send(browser, world, "/apis/prescriptions/v1/listPharmacies/try/")

    assert "Harbour Pharmacy" in page
    assert "for itself" in page
    assert not Arrangement.objects.exists()


def test_only_owners_and_developers_try_and_only_with_their_own(world):
    stranger = member(ClientFactory().application.organization, Role.OWNER)
    browser = Browser()
    browser.force_login(user_of(stranger))
    viewer = signed_in(world, Role.VIEWER)
    form = {"app": world.client.application.slug, "customer": str(world.customer.public_id)}

    assert browser.post(LIST, form).status_code == 422
    assert "No application to try it with" in viewer.get(LIST).content.decode()
    assert viewer.post(LIST, form).status_code == 422
    assert Browser().get(LIST).status_code == 302
    with pytest.raises(NotAllowed):
        customers.let_agree(world.customer, world.client, by=stranger)
    real = CustomerFactory()
    assert signed_in(world).post(LIST, {**form, "customer": str(real.public_id)}).status_code == 422
    with (
        pytest.raises(SandboxOnly),
        trial_token(ClientFactory(production=True), scopes=[], arrangement=None),
    ):
        pass


def test_an_api_that_is_not_for_a_partner_cannot_be_tried(world):
    Api.objects.update(audience=Audience.INTERNAL)

    assert signed_in(world).get(LIST).status_code == 404


def test_many_calls_at_once_are_slowed_down(world, monkeypatch):
    monkeypatch.setattr(calling, "MAX_TRIES", 1)
    browser = signed_in(world)

    first = send(browser, world)
    form = {"app": world.client.application.slug, "customer": str(world.customer.public_id)}
    second = browser.post(LIST, form)

    assert "/problems/customer_missing" in first
    assert second.status_code == 422
    assert "Wait a minute" in second.content.decode()


def test_a_forged_form_is_refused(world):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(user_of(member(world.client.application.organization, Role.OWNER)))

    assert browser.post(LIST, {"app": world.client.application.slug}).status_code == 403


def test_no_value_leads_to_another_operation(world):
    browser = signed_in(world)
    address = "/apis/prescriptions/v1/getPrescription/try/"

    for value in ("..", "a/b", "a?b=c", "a#b", "é", "%2e%2e", "{x}", "a\nb", "a;b"):
        page = send(browser, world, address, p0=value, do="agree")

        assert "medicine-one-1" not in page, value
        assert "404 Not Found" in page, value
