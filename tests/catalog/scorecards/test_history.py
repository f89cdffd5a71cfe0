from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion
from catalog.rules.actions import override_rule, restore_rule
from catalog.rules.models import Override
from catalog.rules.rulebook import RULES
from catalog.scorecards.actions import thin_out, write_scores
from catalog.scorecards.models import Score
from catalog.scorecards.tasks import tidy_scores
from catalog.specs.actions import import_document
from portal.access.actors import SYSTEM, Role
from portal.events.log import deliver_due
from tests.catalog.specs.documents import api, operation, raw
from tests.factories.people import UserFactory, staff, user_of

pytestmark = pytest.mark.django_db


def imported(slug="people", **parts) -> ApiVersion:
    document = api(**{"x-portal": None, **parts})
    revision = import_document(raw(document), by=SYSTEM, source="people.json", slug=slug)
    deliver_due()
    return revision.version


def changed(code="server-missing", **whom) -> Override:
    override = override_rule(
        RULES[code],
        by=staff(Role.CATALOG),
        level="off",
        reason="Known.",
        until=timezone.now() + timedelta(days=3),
        **whom,
    )
    deliver_due()
    return override


@pytest.fixture
def keeper() -> Browser:
    browser = Browser()
    browser.force_login(user_of(staff(Role.REVIEWER)))
    return browser


def test_each_import_leaves_a_score():
    version = imported()
    imported(servers=[])

    points = list(version.scores.order_by("pk").values_list("points", "warnings"))
    assert len(points) == 2
    assert points[1][0] < points[0][0]
    assert points[1][1] == points[0][1] + 1


def test_the_same_news_twice_adds_nothing():
    version = imported()

    assert write_scores([version]) == 0
    assert version.scores.count() == 1


def test_a_changed_level_changes_the_score_and_a_restored_one_changes_it_back():
    version = imported(servers=[])
    first = version.scores.get()

    restore_rule(changed(api=version.api), by=staff(Role.CATALOG))
    deliver_due()

    points = list(version.scores.order_by("pk").values_list("points", flat=True))
    assert points == [first.points, first.points + 2, first.points]


def test_what_the_clock_alone_ended_is_written_down_at_night(time_machine):
    version = imported(servers=[])
    changed()
    assert version.scores.count() == 2

    time_machine.move_to(timezone.now() + timedelta(days=4))
    tidy_scores()
    tidy_scores()

    assert version.scores.count() == 3
    assert version.scores.latest("pk").warnings == version.scores.earliest("pk").warnings


def test_an_owner_counts_and_is_kept_as_it_was():
    version = imported()
    owner = UserFactory()
    Api.objects.filter(pk=version.api_id).update(owner=owner)
    version.api.refresh_from_db()

    write_scores([version])

    first, second = version.scores.order_by("pk")
    assert (first.owner, second.owner) == (None, owner)
    assert second.points == first.points + 6


def test_of_months_long_ago_only_the_last_score_is_kept():
    version = imported()
    now = datetime(2027, 6, 15, tzinfo=UTC)
    days = [datetime(2025, 3, day, tzinfo=UTC) for day in (1, 9, 30)]
    for day in [*days, datetime(2025, 4, 2, tzinfo=UTC), now - timedelta(days=30)]:
        Score.objects.create(version=version, points=50, at=day)

    assert thin_out(at=now) == 2
    assert thin_out(at=now) == 0
    assert min(version.scores.filter(points=50).values_list("at", flat=True)) == days[2]


def test_the_worst_comes_first_and_can_be_narrowed(keeper):
    good, bad = imported("good"), imported("bad", servers=[])
    owner = UserFactory()
    Api.objects.filter(pk=good.api_id).update(owner=owner)

    def shown(**wishes):
        page = keeper.get("/console/scorecards/", wishes).context["page"]
        return [score.version for score in page]

    assert shown() == [bad, good]
    assert shown(owner=owner.pk) == [good]
    assert shown(status="draft") == [bad, good]
    assert shown(status="stable") == []
    assert shown(owner="nobody") == [bad, good]


def test_the_list_costs_the_same_however_long(keeper):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert keeper.get("/console/scorecards/").status_code == 200
        return len(queries)

    imported("first")
    keeper.get("/console/scorecards/")
    before = cost()
    for number in range(4):
        imported(f"more-{number}")

    assert cost() == before <= 9


def test_many_versions_are_scored_in_as_many_statements_as_one():
    def cost():
        versions = list(ApiVersion.objects.select_related("api"))
        with CaptureQueriesContext(connection) as queries:
            write_scores(versions)
        return len(queries)

    imported("first")
    before = cost()
    for number in range(4):
        imported(f"more-{number}")

    assert cost() == before <= 16


def test_a_card_shows_the_formula_and_the_history(keeper):
    version = imported(paths={"/a": {"get": operation(operationId="")}})

    page = keeper.get(f"/console/scorecards/{version.api.slug}/{version.label}/")

    told = page.content.decode()
    assert page.context["points"] == version.scores.get().points
    assert "30, less 6 for each rule of level error" in told
    assert "Over time" in told


def test_a_version_without_a_description_has_a_card_that_says_so(keeper):
    owner = Api.objects.create(slug="empty", name="Empty")
    ApiVersion.objects.create(api=owner, label="v1")

    told = keeper.get("/console/scorecards/empty/v1/").content.decode()

    assert "No description yet" in told
    assert write_scores(ApiVersion.objects.select_related("api")) == 0


def test_an_empty_list_says_where_scores_come_from(keeper):
    assert "No scores yet" in keeper.get("/console/scorecards/").content.decode()
