"""The rules, their levels, scorecards and a new description: clean for axe, nothing sideways."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.rules.actions import override_rule
from catalog.rules.rulebook import RULES
from catalog.specs.actions import import_document
from portal.access.actors import SYSTEM, Role
from portal.events.log import deliver_due
from tests.browser.looks import look_at
from tests.catalog.specs.documents import api, raw
from tests.factories.people import staff, user_of

PAGES = {
    "rules": "/rules/",
    "rule": "/rules/path-case/",
    "levels": "/console/rules/",
    "change": "/console/rules/path-case/change/",
    "scorecards": "/console/scorecards/",
    "card": "/console/scorecards/people/v1/",
    "findings": "/console/apis/people/",
    "new": "/console/apis/new/",
}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def keeper():
    document = api(**{"x-portal": None}, servers=[])
    import_document(raw(document), by=SYSTEM, source="people.json", slug="people")
    override_rule(
        RULES["path-case"],
        by=staff(Role.CATALOG),
        level="off",
        reason="Its callers have known these addresses for years.",
        until=timezone.now() + timedelta(days=30),
    )
    deliver_due()
    return user_of(staff(Role.CATALOG))


def test_the_pages_of_governance_are_clean(browser, live_server, keeper):
    assert look_at(browser, live_server, keeper, PAGES) == []
