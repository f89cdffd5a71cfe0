from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from catalog.imports.models import ImportJob
from catalog.rules.actions import override_rule
from catalog.rules.rulebook import RULES
from catalog.specs.models import SpecRevision
from portal.access.actors import Role
from tests.catalog.specs.documents import api, raw
from tests.catalog.specs.test_lint_spec import LEAKY, check_sarif
from tests.factories.catalog import ApiFactory
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper() -> Browser:
    browser = Browser()
    browser.force_login(user_of(staff(Role.CATALOG)))
    return browser


def lint(browser, body, **query):
    content = body if isinstance(body, bytes) else body.encode()
    return browser.post(
        "/api/v1/lint", content, content_type="application/yaml", query_params=query
    )


def test_a_document_is_checked_and_nothing_of_it_is_kept(keeper):
    report = lint(keeper, LEAKY, name="people.yaml").json()

    assert report["file"] == "people.yaml"
    lines = {found["rule"]: found["line"] for found in report["findings"]}
    assert (lines["personal-in-path"], lines["write-open"]) == (8, 13)
    assert not SpecRevision.objects.exists()
    assert not ImportJob.objects.exists()


def test_the_report_comes_as_sarif(keeper):
    check_sarif(lint(keeper, LEAKY, report="sarif").json())


def test_the_levels_of_the_api_count_where_it_is_named(keeper):
    override_rule(
        RULES["write-open"],
        by=staff(Role.CATALOG),
        level="off",
        reason="Behind a wall.",
        until=timezone.now() + timedelta(days=3),
        api=ApiFactory(slug="people"),
    )

    rules = {
        slug: {found["rule"] for found in lint(keeper, LEAKY, api=slug).json()["findings"]}
        for slug in ("", "people")
    }

    assert rules[""] - rules["people"] == {"write-open"}


def test_what_cannot_be_read_is_told_as_the_report(keeper):
    report = lint(keeper, "openapi: [").json()

    assert (report["reason_code"], report["findings"]) == ("invalid_yaml", [])


def test_what_is_too_large_is_refused_before_it_is_read(keeper, settings):
    settings.SPEC_MAX_BYTES = 1000

    answer = lint(keeper, raw(api()))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.PRIVACY])
def test_only_who_keeps_the_catalog_may_ask(role):
    browser = Browser()
    browser.force_login(user_of(staff(role)))

    assert lint(browser, LEAKY).status_code == 403
