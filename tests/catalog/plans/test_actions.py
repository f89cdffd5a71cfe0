from __future__ import annotations

import pytest

from catalog.plans.actions import open_plans
from catalog.plans.models import Limit, Plan
from portal.access.actors import Role
from portal.errors import NotAllowed
from portal.events.models import Event
from tests.factories.catalog import ApiFactory
from tests.factories.people import staff

pytestmark = pytest.mark.django_db


def test_an_api_opens_with_a_sandbox_plan_and_a_reviewed_production_plan():
    api = ApiFactory()

    open_plans(api, by=staff(Role.CATALOG))

    assert sorted(
        Limit.objects.values_list("plan__code", "plan__approval", "window_seconds", "call_count")
    ) == [
        ("production", "review", 1, 50),
        ("production", "review", 86400, 100_000),
        ("sandbox", "automatic", 1, 50),
        ("sandbox", "automatic", 86400, 10_000),
    ]
    assert Event.objects.filter(kind="catalog.plan.opened").count() == 2


def test_opening_plans_again_leaves_changed_limits_alone():
    api, ines = ApiFactory(), staff(Role.CATALOG)
    open_plans(api, by=ines)
    Limit.objects.filter(window_seconds=1).update(call_count=5)

    open_plans(api, by=ines)

    assert Plan.objects.count() == 2
    assert set(Limit.objects.filter(window_seconds=1).values_list("call_count", flat=True)) == {5}
    assert Event.objects.count() == 2


def test_a_reviewer_may_not_open_plans():
    with pytest.raises(NotAllowed):
        open_plans(ApiFactory(), by=staff(Role.REVIEWER))
