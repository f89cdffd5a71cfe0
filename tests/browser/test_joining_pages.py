"""From the front page to the first answer of the sandbox, counted, and the pages beside the way."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from partners.joining.models import Start
from partners.organizations.domains import claim_domain
from partners.organizations.models import Membership
from partners.organizations.ownership import offer_ownership
from portal.access.actors import Role
from portal.notifications.models import Message
from tests.browser.looks import look_at, objections, opened
from tests.factories.gateway import open_gate
from tests.factories.partners import OrganizationFactory
from tests.factories.people import invited, member, user_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_FIELDS = 12


class Newcomer:
    """Counts what a new partner has to fill in and to press, and looks at each page once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.filled = self.pressed = 0
        self.objections: list[str] = []

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)
        self.filled += 1

    def press(self, role: str, name: str, *, then: str) -> None:
        self.page.get_by_role("main").get_by_role(role, name=name, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(then)
        self.pressed += 1
        self.objections += objections(self.page, then)


def test_a_new_partner_calls_the_sandbox_in_at_most_12_fields(browser, live_server):
    cache.clear()
    open_gate()
    new = Newcomer(opened(browser, live_server))
    new.page.goto(live_server.url)

    new.press("link", "Create an account", then="Create an account")
    new.fill("Email", "new@example.org")
    new.fill("Password", "a long enough password")
    new.press("button", "Create the account", then="Type the code we mailed you")
    new.fill("Code", _mailed_code())
    new.press("button", "Continue", then="Make your first call")
    expect(new.page.get_by_text(re.compile(r"^mrs_[\w-]{40,}$"))).to_be_visible()
    new.press("button", "Call the sandbox", then="It works")

    expect(new.page.get_by_text("after you opened the sign-up page")).to_be_visible()
    assert (new.filled, new.pressed) == (3, 4)
    assert new.filled <= MOST_FIELDS
    assert Start.objects.get().answered_at is not None
    new.press("link", "See the way to production", then="Your first live call is 4 steps away")
    new.press("link", "Who waits for whom", then="The way to production")
    assert new.objections == []


def _mailed_code() -> str:
    text = Message.objects.get(kind="accounts/confirm_code").text
    return re.search(r"^  (\S+)$", text, re.MULTILINE).group(1)


def test_the_pages_of_a_team_are_clean(browser, live_server):
    organization = OrganizationFactory(name="Halden", approved=True)
    owner, heir = member(organization, Role.OWNER), member(organization, Role.VIEWER)
    second = OrganizationFactory(name="Kestrel")
    Membership.objects.create(
        organization=second, user_id=owner.person_id, roles=[Role.VIEWER.value]
    )
    _, token = invited(organization, by=owner)
    claim_domain(organization, by=owner, name="halden.example")
    place = Membership.objects.get(user_id=heir.person_id)
    offered = {
        "handover": "/team/ownership/",
        "member": f"/team/{place.pk}/",
        "leaving": "/team/leaving/",
        "domains": "/settings/domains/",
        "invitation-wrong-person": f"/invitations/{token}/",
    }
    found = look_at(browser, live_server, user_of(owner), offered)
    offer_ownership(place, by=owner, steps_down=True)
    found += look_at(browser, live_server, user_of(heir), {"team-offered": "/team/"})
    found += look_at(browser, live_server, user_of(owner), {"team": "/team/"})
    found += look_at(
        browser,
        live_server,
        None,
        {"invitation": f"/invitations/{token}/", "passkey": "/sign-up/passkey/"},
    )

    assert found == []
