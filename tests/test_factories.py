"""The factories make rows that the database's constraints accept."""

from __future__ import annotations

import pytest

from tests.factories import catalog, consent, partners


@pytest.mark.django_db
@pytest.mark.parametrize(
    "make",
    [
        catalog.OperationFactory,
        lambda: catalog.LimitFactory(plan__sandbox=True),
        lambda: catalog.ScopeFactory(open=True),
        partners.ClientFactory,
        partners.DataUseFactory,
        partners.ApprovedUseFactory,
        consent.ArrangementFactory,
    ],
)
def test_a_factory_makes_a_row(make):
    assert make().pk
