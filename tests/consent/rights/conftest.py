from __future__ import annotations

from dataclasses import dataclass

import pytest

from consent.arrangements.models import Arrangement, Customer
from partners.organizations.actors import actor_of
from portal.access.actors import Actor, Role
from portal.accounts.models import User
from tests.factories.consent import CustomerFactory, share
from tests.factories.people import member, staff


@dataclass
class Somebody:
    """A customer who shares with two applications."""

    customer: Customer
    by: Actor
    first: Arrangement
    second: Arrangement

    @property
    def user(self) -> User:
        return self.customer.user


@pytest.fixture
def leila(db) -> Somebody:
    customer = CustomerFactory(user__email="canary-leila@example.net", user__name="Canary Leila")
    return Somebody(
        customer, actor_of(customer.user), share(customer=customer), share(customer=customer)
    )


@pytest.fixture
def mina(db) -> Actor:
    return staff(Role.PRIVACY)


@pytest.fixture
def partner(leila) -> Actor:
    """Return who answers for the first application."""
    return member(leila.first.client.application.organization, Role.OWNER)
