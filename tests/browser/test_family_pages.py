"""A child and a guardian in Chromium: the question, the answer, the end, and support's desk."""

from __future__ import annotations

from typing import Any

import pytest

from consent.arrangements.models import Arrangement
from consent.guardians import linking
from consent.minors.models import Approval
from consent.support.actions import open_case
from portal.accounts.models import User
from tests.browser.asking import address
from tests.browser.looks import look_at
from tests.browser.sessions import cookies_of
from tests.factories.consent import CustomerFactory, share
from tests.factories.families import EVIDENCE, Family, family_app, make_family
from tests.factories.people import user_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def family() -> Family:
    guardian = CustomerFactory(user__name="Leila Haddad", user__time_zone="Europe/Vilnius")
    return make_family(guardian=guardian)


def _pages(family: Family, refill: Any, live_server: Any) -> dict[User, dict[str, str]]:
    """Return a page of every kind: waiting, shared, paused without a guardian, and the desk's."""
    running, orphaned = family_app(family), family_app(family)
    other = CustomerFactory()
    linking.begin_guardianship(family.child, other, by=family.officer, evidence=EVIDENCE)
    arrangement = Arrangement.objects.get(client__application=orphaned)
    Arrangement.objects.filter(pk=arrangement.pk).update(
        status="paused", paused_at=arrangement.given_at, pause_reason="guardian_gone"
    )
    question = family.asks(refill)
    grown_up = CustomerFactory()
    share(grown_up)
    cases = [
        open_case(one, by=family.officer, ticket="HD-7", identity="callback", note="She called.")
        for one in (grown_up, family.child)
    ]
    home = f"/me/children/{family.link.pk}"
    return {
        family.guardian.user: {
            "children": "/me/children/",
            "child": f"{home}/",
            "question": f"{home}/questions/{question.pk}/",
            "sharing": f"{home}/apps/{running.slug}/",
            "sharing-paused": f"{home}/apps/{orphaned.slug}/",
            "stop": f"{home}/apps/{running.slug}/stop/",
            "stop-all": f"{home}/stop-all/",
        },
        grown_up.user: {"no-children": "/me/children/"},
        family.child.user: {
            "child-apps": "/me/apps/",
            "child-attention": "/me/apps/?tab=attention",
            "child-asks": address(live_server, refill).removeprefix(live_server.url),
        },
        user_of(family.officer): {
            "desk": "/console/support/",
            "case": f"/console/support/{cases[0].number}/",
            "case-child": f"/console/support/{cases[1].number}/",
        },
    }


@pytest.mark.parametrize("language", ["", "ar"], ids=["english", "arabic"])
def test_every_page_of_a_family_is_accessible_and_fits(
    browser, family, refill, app, live_server, *, language
):
    found: list[str] = []
    for user, pages in _pages(family, refill, live_server).items():
        User.objects.filter(pk=user.pk).update(locale=language)
        found += look_at(browser, live_server, user, pages)

    assert found == []


@pytest.mark.parametrize("javascript", [True, False], ids=["with-script", "without-script"])
def test_s23_a_child_asks_a_guardian_allows_some_and_stops_again(
    browser, family, refill, app, live_server, *, javascript
):
    child = browser.new_context(java_script_enabled=javascript)
    child.add_cookies(cookies_of(family.child.user, live_server))
    guardian = browser.new_context(java_script_enabled=javascript)
    guardian.add_cookies(cookies_of(family.guardian.user, live_server))

    page = child.new_page()
    page.goto(address(live_server, refill))
    assert "You are under 16" in page.content()
    assert page.get_by_role("switch").count() == 0
    page.get_by_role("button", name="Ask a parent").click()
    page.wait_for_url(f"{app.callback}?**")
    told = app.answer()
    assert told["consent_status"] == ["pending_approval"]
    assert "code" not in told
    app.asked.clear()

    theirs = guardian.new_page()
    theirs.goto(f"{live_server.url}/me/children/")
    theirs.get_by_role("link", name=family.child.user.given_name).click()
    theirs.get_by_role("link", name="Answer").click()
    theirs.get_by_role("switch", name="Your delivery area").check()
    theirs.get_by_role("button", name="Allow", exact=True).click()
    assert "You allowed it" in theirs.content()
    assert Approval.objects.get().scopes == ["delivery-area:read", "prescriptions:read"]

    page.goto(address(live_server, refill, state="another"))
    assert "said yes to what stands here" in page.content()
    assert page.get_by_role("switch", name="Ask your pharmacy for a refill").count() == 0
    page.get_by_role("checkbox", name="Your prescriptions").check()
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url(f"{app.callback}?**")
    assert "code" in app.answer()

    theirs.goto(f"{live_server.url}/me/children/{family.link.pk}/")
    theirs.get_by_role("link", name="Stop sharing with Halden Refill").click()
    theirs.get_by_role("button", name="Stop sharing").click()
    assert "Halden Refill can no longer see your data" not in theirs.content()
    assert Arrangement.objects.get().end_reason == "guardian"
