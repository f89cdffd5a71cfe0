"""The pages about people's rights in Chromium: for the person, for partners, for the officer."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from allauth.account.internal.flows import login
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import ConsoleMessage

from consent.arrangements.access import current_items
from consent.arrangements.models import ALL_DATA
from consent.rights import actions, attesting, closing, copying, restricting
from consent.rights.models import DataRequest, Task
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events import log
from tests.factories.catalog import DataClusterFactory
from tests.factories.consent import CustomerFactory, share
from tests.factories.partners import ApplicationFactory, ClientFactory, OrganizationFactory
from tests.factories.people import member, staff, user_of

SHOTS = os.environ.get("PORTAL_SHOTS", "")
WIDTHS = {"wide": 1440, "narrow": 390}
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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
def test_every_page_about_rights_is_accessible_and_fits(browser, people, live_server, size, theme):
    found = []
    for who, pages in _pages().items():
        context = browser.new_context(
            viewport={"width": WIDTHS[size], "height": 900}, color_scheme=theme
        )
        context.add_cookies([_cookie(people[who], live_server)])
        page = context.new_page()
        page.on("console", partial(_note, found))
        for name, address in pages.items():
            answer = page.goto(f"{live_server.url}{address}")
            assert answer.status == 200, name
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{name}-{size}-{theme}.png", full_page=True)
            report = Axe().run(page, options={"preload": False})
            found += [f"{name}: {report.generate_report()}"] if report.violations_count else []
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            found += [f"{name} scrolls sideways"] if page.evaluate(overflow) > 0 else []
        context.close()

    assert found == []


def test_a_copy_is_asked_for_and_taken_without_javascript(browser, people, live_server):
    context = browser.new_context(java_script_enabled=False, accept_downloads=True)
    context.add_cookies([_cookie(people["customer"], live_server)])
    page = context.new_page()

    page.goto(f"{live_server.url}/me/rights/")
    page.get_by_role("link", name="A copy of your data", exact=True).click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Fetch the file").click()

    assert taken.value.suggested_filename.endswith(".zip")
    page.reload()
    assert "You have fetched the file" in page.content()


def _note(found: list[str], message: ConsoleMessage) -> None:
    found.append(message.text)


def _cookie(user: User, live_server) -> dict[str, str]:
    """Sign in as if the password had been typed a moment ago."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}
