"""How far back data may go at most, and which data the law protects more: said once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.scopes.actions import learn_vocabulary
from catalog.scopes.models import DataCluster
from catalog.scopes.special import Special
from catalog.scopes.vocabulary import SPECIAL_CATEGORIES, VocabularyInvalid
from consent.arrangements.access import current_items
from consent.arrangements.models import Arrangement
from consent.arrangements.terms import clusters_of
from consent.arrangements.wording import notice_of
from partners.applications.uses import UseRefused, WantedUse, check_uses
from portal.access.actors import SYSTEM
from tests.factories.catalog import DataClusterFactory, ScopeFactory
from tests.factories.consent import share, use_of
from tests.factories.vocabulary import published_api


def vocabulary(**changes: object) -> dict[str, object]:
    cluster = {
        "code": "visits",
        "label": "Your visits",
        "summary": "When you came.",
        "permissions": ["When you came"],
        "depth": "personal",
        "max_retention_days": 30,
        "purposes": ["planning"],
    }
    purpose = {"code": "planning", "title": "Plan", "description": "Plans your week."}
    return {"purposes": [purpose], "clusters": [cluster | changes], "scopes": []}


@pytest.mark.django_db
def test_a_description_says_how_far_back_and_which_special_category():
    learn_vocabulary("v", vocabulary(max_look_back_days=90, special_category="health"), by=SYSTEM)

    cluster = DataCluster.objects.get()

    assert (cluster.max_look_back_days, cluster.special_category) == (90, "health")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [{"max_look_back_days": 30}, {"special_category": "health"}, {"max_look_back_days": None}],
    ids=["shorter", "special", "no limit"],
)
def test_another_ceiling_or_category_is_another_version(change):
    learn_vocabulary("v", vocabulary(max_look_back_days=90), by=SYSTEM)
    learn_vocabulary("v", vocabulary(max_look_back_days=90), by=SYSTEM)

    learn_vocabulary("v", vocabulary(**{"max_look_back_days": 90} | change), by=SYSTEM)

    assert DataCluster.objects.count() == 2
    assert DataCluster.objects.get(superseded_at=None).version == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"max_look_back_days": -1},
        {"max_look_back_days": 3651},
        {"max_look_back_days": True},
        {"max_look_back_days": "90"},
        {"special_category": "shoe size"},
        {"special_category": ["health"]},
    ],
    ids=["negative", "ten years and more", "a truth", "a text", "unknown", "a list"],
)
def test_what_is_no_ceiling_and_no_category_is_refused(change):
    with pytest.raises(VocabularyInvalid):
        learn_vocabulary("v", vocabulary(**change), by=SYSTEM)

    assert not DataCluster.objects.exists()


def test_the_categories_are_those_of_the_law_in_both_places():
    assert list(SPECIAL_CATEGORIES) == Special.values


@pytest.mark.parametrize(
    ("ceiling", "asked", "allowed"),
    [
        (None, None, None),
        (None, 400, 400),
        (90, 30, 30),
        (90, 90, 90),
        (90, 91, 90),
        (90, None, 90),
    ],
    ids=["no dates", "no ceiling", "below", "at", "above", "unsaid"],
)
def test_nobody_reads_further_back_than_the_ceiling(ceiling, asked, allowed):
    assert DataCluster(max_look_back_days=ceiling).look_back(asked) == allowed


@pytest.mark.django_db
def test_i9_what_is_agreed_to_goes_back_no_further_than_the_ceiling_of_that_day():
    scope = ScopeFactory()
    use = use_of(scope, look_back_days=365)
    DataCluster.objects.filter(code=scope.cluster_code).update(max_look_back_days=90)

    shown = notice_of(share().client, [use], clusters=clusters_of([use]))
    arrangement = share(uses=[use])

    [item] = current_items(arrangement)
    assert item.look_back_days == 90
    assert item.look_back_from == arrangement.given_at - timedelta(days=90)
    [line] = shown["optional"]
    assert line["look_back"] == "the last 90 days"


@pytest.mark.django_db
def test_what_was_agreed_to_before_keeps_its_look_back():
    use = use_of(look_back_days=365)
    arrangement = share(uses=[use])

    DataCluster.objects.filter(code=use.cluster_code).update(max_look_back_days=90)

    [item] = current_items(Arrangement.objects.get(pk=arrangement.pk))
    assert item.look_back_from == arrangement.given_at - timedelta(days=365)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("special", "basis"), [("health", "explicit_consent"), ("", "consent")], ids=["special", "not"]
)
def test_a_special_category_is_on_the_screen_in_the_record_and_needs_explicit_consent(
    special, basis
):
    scope = ScopeFactory(cluster_code="records")
    DataCluster.objects.filter(code="records").delete()
    DataClusterFactory(code="records", special_category=special, depth=4)
    use = use_of(scope, is_required=True)

    arrangement = share(uses=[use])

    version = arrangement.versions.get()
    [purpose] = version.record["purposes"]
    assert purpose["lawful_basis"] == basis
    assert purpose["pii_information"]["special_pii_category"] == (special or None)
    [line] = version.notice["needed"]
    assert ("health" in line["special_label"]) is bool(special)


def wanted(days: int | None) -> WantedUse:
    return WantedUse(
        scope="things:read",
        purpose="things-reminders",
        why="to remind you.",
        is_required=True,
        retention_days=30,
        look_back_days=days,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("days", [91, None], ids=["above", "unsaid"])
def test_nobody_registers_for_more_than_the_ceiling(days):
    published_api("things")
    DataCluster.objects.filter(code="things").update(max_look_back_days=90)

    [taken] = check_uses([wanted(90)], organization_id=1)
    with pytest.raises(UseRefused, match="90 days"):
        check_uses([wanted(days)], organization_id=1)

    assert taken.look_back_days == 90
