"""The demo world, as it stands after it was seeded, is the one that its file declares."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.stack import Stack

pytestmark = [pytest.mark.nginx, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]
DEMO = settings.BASE_DIR / "portal" / "demo" / "provision.json"


def test_the_file_of_the_demo_declares_it_and_a_run_changes_nothing(stack: Stack):
    of_demo = (
        "SELECT count(*) FROM events_event WHERE kind IN"
        " ('partners.organization.joined', 'partners.application.registered',"
        " 'partners.application.uses_changed', 'accounts.role.given')"
    )
    before = stack.sql(of_demo)

    stack.manage("provision", str(DEMO))

    assert stack.sql(of_demo) == before
