from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.rules.actions import RuleFixed, override_rule, restore_rule
from catalog.rules.models import Override, levels_for
from catalog.rules.rulebook import RULES
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.models import Event
from tests.factories.catalog import ApiFactory
from tests.factories.people import UserFactory, staff

pytestmark = pytest.mark.django_db
PATHS = RULES["path-case"]


def changed(level="off", *, days=30, rule=PATHS, **whom) -> Override:
    return override_rule(
        rule,
        by=staff(Role.CATALOG),
        level=level,
        reason="Its callers know it so.",
        until=timezone.now() + timedelta(days=days),
        **whom,
    )


def level_of(api, *, at=None) -> str:
    standing = Override.objects.in_force(at=at or timezone.now()).reaching([api])
    return levels_for(api, standing)["path-case"]


def test_what_is_said_most_closely_counts():
    owner = UserFactory()
    api, sister, stranger = ApiFactory(owner=owner), ApiFactory(owner=owner), ApiFactory()

    changed("info")
    changed("error", owner=owner)
    changed("off", api=api)

    assert [level_of(one) for one in (api, sister, stranger)] == ["off", "error", "info"]


def test_an_override_ends_by_the_clock_alone():
    api = ApiFactory()
    override = changed(days=10)

    assert level_of(api, at=override.ends_at - timedelta(seconds=1)) == "off"
    assert level_of(api, at=override.ends_at) == "warning"


def test_a_new_level_takes_the_place_of_the_earlier_one():
    first, second = changed("off"), changed("error")

    first.refresh_from_db()
    assert first.ended_at is not None
    assert level_of(ApiFactory()) == "error"
    assert Override.objects.get(ended_at=None) == second


def test_a_restored_rule_has_its_own_level_and_is_restored_once():
    override = changed()

    restore_rule(override, by=staff(Role.ADMIN))

    assert level_of(ApiFactory()) == "warning"
    with pytest.raises(Conflict):
        restore_rule(override, by=staff(Role.ADMIN))


@pytest.mark.parametrize("code", [code for code, rule in RULES.items() if rule.is_fixed])
def test_a_rule_that_protects_customers_keeps_its_level(code):
    with pytest.raises(RuleFixed):
        changed(rule=RULES[code])

    now = timezone.now()
    Override.objects.create(
        rule=code, level="off", reason="-", begins_at=now, ends_at=now + timedelta(days=1)
    )
    api = ApiFactory()
    levels = levels_for(api, Override.objects.in_force(at=timezone.now()).reaching([api]))
    assert levels[code] == "error"


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SECURITY, Role.PRIVACY])
def test_only_who_keeps_the_catalog_changes_a_level(role):
    with pytest.raises(NotAllowed):
        override_rule(
            PATHS,
            by=staff(role),
            level="off",
            reason="-",
            until=timezone.now() + timedelta(days=1),
        )

    assert not Override.objects.exists()


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_an_override_has_an_end_within_a_year(days):
    with pytest.raises(Refused):
        changed(days=days)


def test_both_steps_are_recorded_without_the_reason():
    restore_rule(changed(api=ApiFactory(slug="parcels")), by=staff(Role.CATALOG))

    facts = Event.objects.filter(kind__startswith="catalog.rule.").values_list("kind", "facts")
    told = dict(facts)
    assert told["catalog.rule.overridden"]["rule"] == "path-case"
    assert told["catalog.rule.overridden"]["level"] == "off"
    assert told["catalog.rule.restored"]["api"] == "parcels"
    assert "callers" not in str(told)
