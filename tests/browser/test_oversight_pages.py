"""Asking again, for the privacy officer and the customer, in Chromium: accessible, and it fits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from consent.campaigns import actions
from consent.campaigns.models import Campaign
from consent.campaigns.tasks import carry_on
from portal.access.actors import Role
from tests.browser.looks import look_at
from tests.factories.consent import CustomerFactory, share
from tests.factories.notices import published
from tests.factories.partners import ApplicationFactory, ClientFactory, OrganizationFactory
from tests.factories.people import staff, user_of

SUMMARY = {
    "en": "We keep your address for as long as the law on invoices says, ten years at most.",
    "fr": "Nous gardons votre adresse aussi longtemps que la loi le demande.",
    "ar": "نحتفظ بعنوانك طوال المدة التي يحددها القانون.",
}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people():
    published()
    customer = CustomerFactory(user__name="Leila Haddad", user__time_zone="Europe/Vilnius")
    refill = ApplicationFactory(
        live=True,
        name="Halden Refill",
        slug="halden-refill",
        organization=OrganizationFactory(approved=True, name="Halden Health"),
    )
    client = ClientFactory(application=refill, environment="production")
    share(customer, client)
    for _ in range(7):
        share(None, client)
    mina = staff(Role.PRIVACY)
    for start in (True, False):
        published()
        campaign = actions.plan_campaign(
            by=mina,
            kind=Campaign.Kind.NOTICE,
            code="privacy",
            version=2 if start else 3,
            summary=SUMMARY,
            deadline=timezone.now() + timedelta(days=40),
        )
        if start:
            actions.start_campaign(campaign, by=mina)
            carry_on()
    return {"customer": customer.user, "officer": user_of(mina)}


def _pages() -> dict[str, dict[str, str]]:
    running, planned = Campaign.objects.order_by("pk")
    return {
        "customer": {"asked-again": "/me/apps/halden-refill/", "apps": "/me/apps/"},
        "officer": {
            "privacy": "/console/privacy/",
            "campaigns": "/console/campaigns/",
            "campaign-new": "/console/campaigns/new/",
            "campaign-planned": planned.get_absolute_url(),
            "campaign-running": running.get_absolute_url(),
        },
    }


def test_every_page_of_oversight_is_accessible_and_fits(browser, people, live_server):
    found = []
    for who, pages in _pages().items():
        found += look_at(browser, live_server, people[who], pages)

    assert found == []
