from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone
from django.utils.html import escape

from catalog.rules.models import Override
from catalog.rules.rulebook import RULES
from portal.access.actors import Role
from tests.catalog.rules.test_overrides import changed
from tests.factories.catalog import ApiFactory
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper() -> Browser:
    browser = Browser()
    browser.force_login(user_of(staff(Role.CATALOG)))
    return browser


def test_everybody_reads_all_rules_by_group(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get("/rules/").content.decode()

    assert all(f'href="/rules/{code}/"' in page for code in RULES)


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        ("R301", {"path-case"}),
        ("aggregate counts", {"aggregate-twin", "aggregate-personal"}),
        ("no such words", set()),
    ],
)
def test_rules_are_searched_by_number_and_words(client, wanted, codes):
    page = client.get("/rules/", {"q": wanted}).content.decode()

    assert {code for code in RULES if f'href="/rules/{code}/"' in page} == codes


@pytest.mark.parametrize("code", list(RULES))
def test_each_rule_has_a_page_with_its_reason_and_examples(client, code):
    page = client.get(f"/rules/{code}/")

    assert page.status_code == 200
    assert escape(RULES[code].why) in page.content.decode()
    assert page.content.count(b"<pre") == 2
    assert b"Change its level" not in page.content


def test_a_rule_that_is_not_there_is_not_found(client):
    assert client.get("/rules/no-such-rule/").status_code == 404


def test_a_level_is_changed_and_restored_on_the_pages(keeper):
    api = ApiFactory()
    day = timezone.now().date() + timedelta(days=20)
    form = {"level": "off", "api": api.pk, "reason": "Known for years.", "until": day.isoformat()}

    keeper.post("/console/rules/path-case/change/", form)

    override = Override.objects.get()
    assert override.api == api
    assert override.ends_at.date() == day + timedelta(days=1)
    page = keeper.get("/console/rules/").content.decode()
    assert "Known for years." in page
    assert "Known for years." in keeper.get("/rules/path-case/").content.decode()
    keeper.post(f"/console/rules/{override.pk}/restore/")
    assert not Override.objects.in_force(at=timezone.now()).exists()
    assert "Over" in keeper.get("/console/rules/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"reason": ""}, id="no reason"),
        pytest.param({"until": "2001-01-01"}, id="a day that is over"),
        pytest.param({"until": "2999-01-01"}, id="a day too far away"),
        pytest.param({"level": "harmless"}, id="no such level"),
    ],
)
def test_a_change_that_cannot_be_meant_is_explained(keeper, wrong):
    day = timezone.now().date() + timedelta(days=20)
    form = {"level": "off", "reason": "Known.", "until": day.isoformat(), **wrong}

    page = keeper.post("/console/rules/path-case/change/", form)

    assert page.status_code == 422
    assert not Override.objects.exists()


def test_a_fixed_rule_has_no_form(keeper):
    assert keeper.get("/console/rules/data-open/change/").status_code == 409
    assert b"Change its level" not in keeper.get("/rules/data-open/").content


def test_restoring_twice_is_a_word_on_the_page(keeper):
    override = changed()

    keeper.post(f"/console/rules/{override.pk}/restore/")
    page = keeper.post(f"/console/rules/{override.pk}/restore/", follow=True)

    assert "It has ended already." in page.content.decode()


def test_the_list_of_changed_levels_costs_the_same_however_long(
    keeper, django_assert_max_num_queries
):
    for _ in range(5):
        changed(api=ApiFactory())

    with django_assert_max_num_queries(9):
        keeper.get("/console/rules/")
