from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

from portal.accounts.models import User
from tests.factories.people import UserFactory

PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests(db):
    cache.clear()


@pytest.fixture
def person() -> User:
    """Return somebody whose address is known to be theirs."""
    user = UserFactory()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
