"""Answering in two tabs, offline and back, and how every page of it looks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from partners.drafts.actions import import_draft
from partners.drafts.models import Source
from partners.questionnaires import library, publishing, sending
from partners.questionnaires.models import Answer
from portal.access.actors import SYSTEM, Role
from tests.browser.looks import look_at, objections, opened
from tests.factories.people import member, staff, user_of
from tests.factories.questionnaires import asked_for, choice_of, document_of, say
from tests.partners.drafts.test_reading import VSAQ

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DOCUMENT = document_of(
    choice_of("first", "yes", "no", na_allowed=True),
    {"key": "who", "text": "Who looks after it?"},
    {"key": "both", "text": "And who helps?", "visible_if": {"answered": "who"}},
    choice_of("rows", "always", "never", kind="table", rows=[{"key": "day", "label": "By day"}]),
    {"key": "people", "kind": "records", "columns": [{"key": "role", "label": "Role"}]},
    {"key": "places", "kind": "countries"},
    {"key": "when", "kind": "date"},
    {"key": "report", "kind": "files", "required": False},
    {"key": "word", "kind": "attestation"},
)
SECTION = "/security/small/all/"


def stored(assignment, key):
    return Answer.objects.get(assignment=assignment, key=key).value


def test_two_tabs_and_offline(browser, live_server):
    assignment = asked_for(DOCUMENT)
    owner = member(assignment.organization, Role.OWNER)
    left = opened(browser, live_server, user_of(owner))
    right = left.context.new_page()
    for tab in (left, right):
        tab.goto(f"{live_server.url}{SECTION}")
    state, who = left.locator("#savestate"), left.get_by_label("Who looks after it?")

    # What hangs on an answer appears with it, as the portal decides it too.
    expect(left.get_by_label("And who helps?")).to_be_hidden()
    who.fill("The left one")
    who.blur()
    expect(state).to_have_text(re.compile("Saved at"))
    expect(left.get_by_label("And who helps?")).to_be_visible()

    # The second tab saw no answer yet: it is told of the first one, and chooses.
    theirs = right.get_by_label("Who looks after it?")
    theirs.fill("The right one")
    theirs.blur()
    expect(right.get_by_text("changed this answer to “The left one”")).to_be_visible()
    assert stored(assignment, "who") == "The left one"
    assert objections(right, "conflict") == []
    right.get_by_role("button", name="Replace it with mine").click()
    expect(right.locator("#savestate")).to_have_text(re.compile("Saved at"))
    assert stored(assignment, "who") == "The right one"
    who.fill("The left one again")
    who.blur()
    left.get_by_role("button", name="Keep theirs").click()
    expect(who).to_have_value("The right one")

    # Offline nothing is lost, and it goes out by itself.
    left.context.set_offline(True)
    left.get_by_text("Always").click()
    expect(state).to_have_text(re.compile("You are offline"))
    left.get_by_label("What about when?").fill("2027-03-31")
    left.get_by_label("What about when?").blur()
    left.context.set_offline(False)
    expect(state).to_have_text(re.compile("Saved at"), timeout=30_000)
    assert stored(assignment, "rows") == {"day": "always"}
    assert stored(assignment, "when") == "2027-03-31"

    # What does not apply wants a reason.
    left.get_by_label("This does not apply to us").check()
    left.get_by_label("Why does 1.1 not apply?").fill("We have none.")
    left.get_by_label("Why does 1.1 not apply?").blur()
    expect(left.locator("[name=revision-first]")).to_have_value("1")
    assert Answer.objects.get(assignment=assignment, key="first").na_reason == "We have none."
    left.context.close()


def test_the_pages_are_accessible_and_fit(browser, live_server):
    for document in library.documents():
        publishing.publish_template(document, by=SYSTEM)
    assignment = asked_for(DOCUMENT)
    owner = member(assignment.organization, Role.OWNER)
    say(assignment, owner, first="yes", who="us", both="you", rows={"day": "never"})
    say(assignment, owner, people=[{"role": "Lead"}], places=["LT"], when="2027-01-01")
    newer = DOCUMENT | {"version": "2.0.0", "title": "A newer one"}
    publishing.publish_template(newer, by=SYSTEM)
    say(assignment, owner, word="agreed")
    pages = {
        "home": "/security/",
        "section": SECTION,
        "newer": "/security/small/newer/",
        "helpers": "/security/small/helpers/",
        "library": "/security/small/library/",
        "send": "/security/small/send/",
    }
    found = look_at(browser, live_server, user_of(owner), pages)
    sending.submit_questionnaire(assignment, by=owner)
    found += look_at(browser, live_server, user_of(owner), {"scored": "/security/"})
    reviewer = staff(Role.SECURITY)
    draft = import_draft(VSAQ, by=reviewer, source=Source.VSAQ, code="doors", title="Doors")
    shelf = {"shelf": "/console/questionnaires/", "draft": draft.get_absolute_url()}
    found += look_at(browser, live_server, user_of(reviewer), shelf)

    assert found == []
