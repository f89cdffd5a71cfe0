"""The customer's pages in Chromium: nothing that axe objects to, nothing that scrolls sideways."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.scopes.models import DataCluster
from consent.arrangements import changing, ending, readings
from consent.arrangements.models import Receipt
from partners.organizations.actors import actor_of
from portal.events import log
from tests.browser.looks import look_at
from tests.browser.sessions import cookies_of
from tests.factories.catalog import DataClusterFactory, ScopeFactory
from tests.factories.consent import CustomerFactory, share, use_of
from tests.factories.partners import ApplicationFactory, ClientFactory, OrganizationFactory

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def customer():
    """Return a customer who shares with two applications and has stopped a third."""
    customer = CustomerFactory(user__name="Leila Haddad", user__time_zone="Europe/Vilnius")
    refill = _client("Halden Refill", "Reminds you before your medicine runs out", "Halden Health")
    coach = _client("Kestrel Coach", "Plans your training week", "Kestrel")
    uses = [
        _use("prescriptions", "Your prescriptions", 4, "pill", is_required=True),
        _use("refills", "Ask your pharmacy for a refill", 3, "send"),
        _use("delivery-area", "Your delivery area", 3, "pin"),
    ]
    sharing = share(customer, refill, uses=uses)
    share(customer, coach, uses=[_use("appointments", "Your appointments", 3, "calendar")], days=20)
    ended = share(customer, _client("Fernhill Care", "Your clinic’s app", "Fernhill"), uses=uses)
    by = actor_of(customer.user)
    changing.narrow_arrangement(sharing, by=by, keep=[use.scope for use in uses[:2]])
    ending.withdraw_arrangement(ended, by=by)
    for hours in (1, 2, 30):
        readings.note_reading(
            sharing.pk,
            operation_key="prescriptions/v1/listPrescriptions",
            cluster_codes=["prescriptions"],
            at=timezone.now() - timedelta(hours=hours),
        )
    log.deliver_due()
    return customer


def _client(name: str, tagline: str, organization: str):
    slug = name.lower().replace(" ", "-")
    application = ApplicationFactory(
        live=True,
        name=name,
        slug=slug,
        tagline=tagline,
        organization=OrganizationFactory(approved=True, name=organization),
        privacy_url=f"https://{slug}.example/privacy",
    )
    return ClientFactory(application=application, environment="production")


def _use(code: str, label: str, depth: int, icon: str, *, is_required: bool = False):
    if not DataCluster.objects.filter(code=code).exists():
        DataClusterFactory(
            code=code,
            label=label,
            depth=depth,
            icon=icon,
            summary="Medicine, dose and refills left.",
            permissions=["Name of the medicine", "Dose", "Refills left"],
        )
    scope = ScopeFactory(name=f"{code}:read", cluster_code=code)
    return use_of(scope, is_required=is_required)


def _pages() -> dict[str, str]:
    slug = "halden-refill"
    return {
        "apps": reverse("arrangements:list"),
        "app": reverse("arrangements:arrangement", args=[slug]),
        "change": reverse("arrangements:change", args=[slug]),
        "stop": reverse("arrangements:stop", args=[slug]),
        "stop-all": reverse("arrangements:stop_all"),
        "ended": reverse("arrangements:arrangement", args=["fernhill-care"]),
        "history": reverse("arrangements:history"),
        "receipt": reverse("arrangements:receipt", args=[Receipt.objects.first().number]),
        "receipt-end": reverse("arrangements:receipt", args=[Receipt.objects.last().number]),
        "data": reverse("arrangements:data"),
    }


def test_every_page_is_accessible_and_fits(browser, customer, live_server):
    assert look_at(browser, live_server, customer.user, _pages()) == []


def test_the_two_answers_are_alike_and_stopping_is_two_presses(browser, customer, live_server):
    context = browser.new_context(viewport={"width": 390, "height": 900}, java_script_enabled=False)
    context.add_cookies(cookies_of(customer.user, live_server))
    page = context.new_page()
    page.goto(f"{live_server.url}{reverse('arrangements:list')}")

    page.get_by_role("link", name="Stop sharing with Halden Refill").click()
    keep = page.get_by_role("link", name="Keep sharing").bounding_box()
    stop = page.get_by_role("button", name="Stop sharing").bounding_box()
    page.get_by_role("button", name="Stop sharing").click()

    assert abs(keep["width"] * keep["height"] - stop["width"] * stop["height"]) <= (
        0.1 * stop["width"] * stop["height"]
    )
    assert "You stopped it: " in page.content()


def test_a_receipt_prints_on_one_page(browser, customer, live_server, tmp_path):
    context = browser.new_context()
    context.add_cookies(cookies_of(customer.user, live_server))
    page = context.new_page()
    page.goto(f"{live_server.url}{_pages()['receipt']}")

    printed = page.pdf(format="A4")

    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type/Page\n") == 1
    assert page.get_by_role("button", name="Print").is_visible()
