"""The pages about people's rights in Chromium: for the person, for partners, for the officer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from consent.arrangements.access import current_items
from consent.arrangements.models import ALL_DATA
from consent.rights import actions, attesting, closing, copying, restricting
from consent.rights.models import DataRequest, Task
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events import log
from tests.browser.looks import look_at
from tests.browser.sessions import cookies_of
from tests.factories.catalog import DataClusterFactory
from tests.factories.consent import CustomerFactory, share
from tests.factories.partners import ApplicationFactory, ClientFactory, OrganizationFactory
from tests.factories.people import member, staff, user_of

Kind = DataRequest.Kind

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people() -> dict[str, User]:
    """Return a customer who asked for a lot, a partner who owes answers, and an officer."""
    mina = staff(Role.PRIVACY)
    customer = CustomerFactory(user__name="Leila Haddad", user__time_zone="Europe/Vilnius")
    refill = ApplicationFactory(
        live=True,
        name="Halden Refill",
        slug="halden-refill",
        organization=OrganizationFactory(approved=True, name="Halden Health"),
    )
    sharing = share(customer, ClientFactory(application=refill, environment="production"))
    for code, label in (("dose", "Your doses"), ("visits", "Your visits to the clinic")):
        DataClusterFactory(code=code, label=label, summary="When, where and with whom.")
    by = actor_of(customer.user)
    code = current_items(sharing)[0].cluster.code
    wrong = actions.ask(
        customer.user,
        by=by,
        kind=Kind.RECTIFICATION,
        words="The dose of one medicine is wrong.\nIt is 5 mg, not 50.",
        cluster_codes=[code],
    )
    actions.extend_request(wrong, by=mina, reason="complex")
    complaint = actions.ask(customer.user, by=by, kind=Kind.COMPLAINT, words="You never wrote.")
    actions.answer_request(complaint, by=mina, answer="We are sorry.", is_granted=True)
    restricting.restrict(customer, by=by, cluster_codes=[ALL_DATA])
    restricting.restrict_meanwhile(wrong, by=mina)
    copying.ask_for_copy(customer.user, by=by, kind=Kind.ACCESS)
    copying.build_copies()
    closing.place_hold(customer.user, by=mina, reason="claim")
    owner = member(refill.organization, Role.OWNER)
    first = Task.objects.order_by("pk").first()
    attesting.attest_task(first, by=owner, exemption="law", evidence="Ticket 7")
    Task.objects.filter(status="pending").update(due_at=timezone.now() - timedelta(days=1))
    log.deliver_due()
    return {"customer": customer.user, "partner": user_of(owner), "officer": user_of(mina)}


def _pages() -> dict[str, dict[str, str]]:
    numbers = {one.kind: one.number for one in DataRequest.objects.order_by("-pk")}
    closed, waiting = Task.objects.order_by("pk")
    return {
        "customer": {
            "rights": "/me/rights/",
            "copy": "/me/rights/new/portability/",
            **{f"ask-{kind}": f"/me/rights/new/{kind}/" for kind in ("objection", "restriction")},
            "ask-correction": "/me/rights/new/rectification/",
            **{kind: f"/me/rights/{number}/" for kind, number in numbers.items()},
            "close": "/me/rights/close/",
        },
        "partner": {
            "tasks": "/data-tasks/",
            "answered": "/data-tasks/?show=answered",
            "task": f"/data-tasks/{waiting.public_id}/",
            "task-closed": f"/data-tasks/{closed.public_id}/",
        },
        "officer": {
            "console": "/console/rights/",
            "console-request": f"/console/rights/{numbers[Kind.RECTIFICATION]}/",
        },
    }


def test_every_page_about_rights_is_accessible_and_fits(browser, people, live_server):
    found = []
    for who, pages in _pages().items():
        found += look_at(browser, live_server, people[who], pages)

    assert found == []


def test_a_copy_is_asked_for_and_taken_without_javascript(browser, people, live_server):
    context = browser.new_context(java_script_enabled=False, accept_downloads=True)
    context.add_cookies(cookies_of(people["customer"], live_server))
    page = context.new_page()

    page.goto(f"{live_server.url}/me/rights/")
    page.get_by_role("link", name="A copy of your data", exact=True).click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Fetch the file").click()

    assert taken.value.suggested_filename.endswith(".zip")
    page.reload()
    assert "You have fetched the file" in page.content()
