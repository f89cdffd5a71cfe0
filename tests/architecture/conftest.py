from __future__ import annotations

import pytest
from django.db import transaction
from django.test import override_settings

from tests.architecture.population import Population, populate


@pytest.fixture(scope="module")
def portal(django_db_setup, django_db_blocker) -> Population:
    """Fill the database once for the tests of a file; nothing of it is ever committed."""
    with (
        django_db_blocker.unblock(),
        override_settings(STAFF_NEED_SECOND_FACTOR=False),
        transaction.atomic(),
    ):
        yield populate()
        transaction.set_rollback(True)
