"""Questionnaire, queue, review and audit log in Chromium: clean for axe, no sideways scrolling."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partners.organizations.models import Membership
from partners.questionnaires import answering, deciding
from partners.reviews.models import Review, Verdict
from partners.subscriptions.models import Tier
from portal.access.actors import Role
from portal.audit.sealing import seal_events
from portal.events import log
from tests.browser.looks import look_at
from tests.browser.sessions import cookies_of
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff, user_of
from tests.factories.questionnaires import answered, assigned, submitted
from tests.factories.reviews import review_of_access, review_of_answers, vote

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def bruno():
    """Return the owner of Kestrel Coach, whose answers came back once."""
    kestrel = OrganizationFactory(name="Kestrel Coach", slug="kestrel-coach", city="Kaunas")
    owner = member(kestrel, Role.OWNER)
    submission = submitted(kestrel, by=owner, admin_mfa="some", admin_mfa_plan="Two, until May.")
    tomas = staff(Role.REVIEWER)
    deciding.return_submission(
        submission, by=tomas, reason="Who may still sign in without a second factor, and why?"
    )
    return user_of(owner)


@pytest.fixture
def priya():
    """Return a security officer with a queue before her."""
    priya, tomas = staff(Role.SECURITY), staff(Role.REVIEWER)
    for actor, name in ((priya, "Priya Raman"), (tomas, "Tomás Herrera")):
        user = user_of(actor)
        user.name = name
        user.save()
    late = review_of_answers(OrganizationFactory(name="Osprey Claims"), admin_mfa="no")
    now = timezone.now()
    Review.objects.filter(pk=late.pk).update(
        opened_at=now - timedelta(days=4), due_at=now - timedelta(hours=20)
    )
    vote(review_of_access(tier=Tier.HIGH), tomas, reason="The purposes fit.")
    vote(review_of_answers(OrganizationFactory(name="Tallow Tax")), tomas)
    vote(review_of_answers(), tomas, Verdict.RETURN, reason="Which mailbox?")
    log.deliver_due()
    seal_events()
    return user_of(priya)


def test_the_partners_pages_are_accessible_and_fit(browser, bruno, live_server):
    pages = {
        "security": "/security/",
        "section-people": "/security/onboarding/people/",
        "section-data": "/security/onboarding/data/",
        "send": "/security/onboarding/send/",
    }

    assert look_at(browser, live_server, bruno, pages) == []


def test_the_consoles_pages_are_accessible_and_fit(browser, priya, live_server):
    waiting = {review.kind: review for review in Review.objects.waiting()}
    pages = {
        "queue": "/console/",
        "review-answers": waiting["questionnaire"].get_absolute_url(),
        "review-access": waiting["access"].get_absolute_url(),
        "audit": "/console/audit/",
    }

    assert look_at(browser, live_server, priya, pages) == []


def test_an_answer_saves_itself_and_opens_what_follows(browser, live_server):
    assignment = assigned()
    owner = user_of(member(assignment.organization, Role.OWNER))
    context = browser.new_context()
    context.add_cookies(cookies_of(owner, live_server))
    page = context.new_page()
    problems = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/security/onboarding/data/")
    follow_up = page.get_by_label("Why do you need the data longer than a day?")
    expect(follow_up).to_be_hidden()

    page.get_by_text("Within 30 days").click()
    expect(page.locator("#savestate")).to_have_text(re.compile("Saved at"))
    expect(follow_up).to_be_visible()
    follow_up.fill("Refunds take three weeks.")
    follow_up.blur()
    expect(page.locator("[name=revision-deletion-reason]")).to_have_value("1")
    follow_up.fill("Refunds take two weeks.")
    follow_up.blur()
    expect(page.locator("[name=revision-deletion-reason]")).to_have_value("2")

    assert assignment.values() == {
        "deletion": "month",
        "deletion-reason": "Refunds take two weeks.",
    }
    assert problems == []
    context.close()


def test_of_two_tabs_the_second_keeps_its_words_until_it_insists(browser, live_server):
    assignment = assigned()
    colleague = member(assignment.organization, Role.DEVELOPER)
    owner = user_of(member(assignment.organization, Role.OWNER))
    context = browser.new_context()
    context.add_cookies(cookies_of(owner, live_server))
    page = context.new_page()
    page.goto(f"{live_server.url}/security/onboarding/people/")
    answering.answer_question(
        assignment, by=colleague, key="security-owner", value="The board", revision=0
    )

    mine = page.get_by_label("Who answers for security in your organisation?")
    mine.fill("Head of platform")
    mine.blur()
    expect(page.get_by_text("changed this answer to “The board”")).to_be_visible()
    expect(mine).to_have_value("Head of platform")
    assert assignment.values() == {"security-owner": "The board"}
    page.get_by_role("button", name="Replace it with mine").click()
    expect(page.get_by_text("changed this answer")).to_have_count(0)

    assert assignment.values() == {"security-owner": "Head of platform"}
    assert Membership.objects.filter(user=owner).exists()
    context.close()


def test_answering_works_without_script(browser, live_server):
    assignment = assigned()
    owner = member(assignment.organization, Role.OWNER)
    answered(assignment, by=owner)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies_of(user_of(owner), live_server))
    page = context.new_page()
    page.goto(f"{live_server.url}/security/onboarding/data/")

    page.get_by_text("Within 30 days").click()
    page.get_by_label("Why do you need the data longer than a day?").fill("Refunds.")
    page.get_by_role("button", name="Save and continue").click()

    expect(page).to_have_url(f"{live_server.url}/security/onboarding/readiness/")
    assert assignment.values()["deletion-reason"] == "Refunds."
    context.close()
