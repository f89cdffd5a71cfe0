from __future__ import annotations

import copy

import pytest

from catalog.scopes.actions import bind_fields, learn_vocabulary
from catalog.scopes.models import DataCluster, Depth, DetailType, FieldRule, Purpose, Scope
from catalog.scopes.vocabulary import VocabularyInvalid
from portal.access.actors import SYSTEM, Role
from portal.errors import Conflict, NotAllowed
from portal.events.models import Event
from tests.factories.people import staff

pytestmark = pytest.mark.django_db

WORDS = {
    "purposes": [{"code": "reminders", "title": "Remind you", "description": "In time."}],
    "clusters": [
        {
            "code": "parcels",
            "label": "Your parcels",
            "summary": "What is on its way.",
            "permissions": ["Where it is"],
            "depth": "personal",
            "icon": "box",
            "max_retention_days": 30,
            "purposes": ["reminders"],
        }
    ],
    "scopes": [
        {
            "name": "parcels:read",
            "title": "Read parcels",
            "description": "Parcels on their way.",
            "cluster": "parcels",
        },
        {"name": "shops:read", "title": "List shops", "description": "Public."},
    ],
}


def changed(**words):
    vocabulary = copy.deepcopy(WORDS)
    for kind, change in words.items():
        vocabulary[f"{kind}s"][0].update(change)
    return vocabulary


def test_a_first_reading_learns_every_word():
    learn_vocabulary("parcels", WORDS, by=SYSTEM)

    cluster = DataCluster.objects.current().get()
    assert (cluster.version, cluster.depth, cluster.icon) == (1, Depth.PERSONAL, "box")
    assert [purpose.code for purpose in cluster.purposes.all()] == ["reminders"]
    assert Scope.objects.get(name="parcels:read").is_consentable
    assert not Scope.objects.get(name="shops:read").is_consentable
    assert sorted(Event.objects.values_list("kind", flat=True)) == [
        "catalog.cluster.worded",
        "catalog.purpose.worded",
        "catalog.scope.defined",
        "catalog.scope.defined",
    ]


def test_reading_the_same_words_twice_changes_nothing():
    learn_vocabulary("parcels", WORDS, by=SYSTEM)
    before = Event.objects.count()

    learn_vocabulary("parcels", WORDS, by=SYSTEM)

    assert (Purpose.objects.count(), DataCluster.objects.count()) == (1, 1)
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    "change",
    [
        {"label": "Your post"},
        {"summary": "Other words."},
        {"permissions": ["Where it is", "Who sent it"]},
        {"depth": "sensitive"},
        {"max_retention_days": 31},
        {"purposes": []},
    ],
)
def test_a_changed_cluster_becomes_a_new_version_and_the_old_words_stay(change):
    learn_vocabulary("parcels", WORDS, by=SYSTEM)
    bind_fields("parcels/v1/list", [("/items/*/place", "parcels")])

    learn_vocabulary("parcels", changed(cluster=change), by=SYSTEM)

    old, new = DataCluster.objects.order_by("version")
    assert old.superseded_at
    assert (old.label, old.summary, old.max_retention_days) == (
        "Your parcels",
        "What is on its way.",
        30,
    )
    assert new.version == 2
    assert [rule.pointer for rule in new.rules.all()] == ["/items/*/place"]


def test_a_new_wording_of_a_purpose_reaches_the_clusters_that_name_it():
    learn_vocabulary("parcels", WORDS, by=SYSTEM)

    learn_vocabulary("parcels", changed(purpose={"title": "Tell you"}), by=SYSTEM)

    cluster = DataCluster.objects.current().get()
    assert (cluster.version, cluster.purposes.get().title) == (2, "Tell you")


def test_a_scope_belongs_to_the_api_that_defined_it():
    learn_vocabulary("parcels", WORDS, by=SYSTEM)

    with pytest.raises(Conflict) as refusal:
        learn_vocabulary("letters", {"scopes": WORDS["scopes"]}, by=SYSTEM)

    assert refusal.value.code == "scope_taken"


def test_another_api_may_not_reword_what_customers_of_this_one_read():
    learn_vocabulary("parcels", WORDS, by=SYSTEM)
    vocabulary = changed(cluster={"label": "Nothing at all"})
    vocabulary["scopes"] = []

    with pytest.raises(Conflict) as refusal:
        learn_vocabulary("letters", vocabulary, by=SYSTEM)

    assert refusal.value.code == "cluster_taken"
    assert DataCluster.objects.get().label == "Your parcels"


HANDOVER = {
    "type": "parcel_handover",
    "title": "Hand over one parcel",
    "scope": "parcels:read",
    "lines": [{"label": "Parcel", "text": "{number}"}],
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "required": ["number"],
        "properties": {"number": {"type": "string", "maxLength": 20}},
    },
}


def test_a_type_of_details_is_learnt_once_and_superseded_when_its_words_change():
    words = {**WORDS, "authorization_details": [HANDOVER]}
    learn_vocabulary("parcels", words, by=SYSTEM)
    learn_vocabulary("parcels", words, by=SYSTEM)
    reworded = {**WORDS, "authorization_details": [{**HANDOVER, "title": "Hand it over"}]}

    learn_vocabulary("parcels", reworded, by=SYSTEM)

    old, new = DetailType.objects.order_by("version")
    assert (old.title, old.superseded_at is None) == ("Hand over one parcel", False)
    assert (new.title, new.version, new.superseded_at) == ("Hand it over", 2, None)
    assert (new.scope_name, new.api_slug) == ("parcels:read", "parcels")
    assert Event.objects.filter(kind="catalog.detail_type.worded").count() == 2


@pytest.mark.parametrize("scope", ["shops:read", "letters:read"])
def test_a_type_of_details_is_a_case_of_something_that_a_customer_agrees_to(scope):
    with pytest.raises(VocabularyInvalid):
        learn_vocabulary(
            "parcels",
            {**WORDS, "authorization_details": [{**HANDOVER, "scope": scope}]},
            by=SYSTEM,
        )

    assert not DetailType.objects.exists()


def test_a_type_of_details_stays_with_the_api_that_first_defined_it():
    learn_vocabulary("parcels", {**WORDS, "authorization_details": [HANDOVER]}, by=SYSTEM)
    vocabulary = changed(cluster={"code": "letters"})
    vocabulary["scopes"] = [
        {"name": "letters:read", "title": "L", "description": "L.", "cluster": "letters"}
    ]
    vocabulary["authorization_details"] = [{**HANDOVER, "scope": "letters:read"}]

    with pytest.raises(Conflict) as refusal:
        learn_vocabulary("letters", vocabulary, by=SYSTEM)

    assert refusal.value.code == "detail_type_taken"


def test_only_those_who_keep_the_catalog_teach_it_words():
    with pytest.raises(NotAllowed):
        learn_vocabulary("parcels", WORDS, by=staff(Role.REVIEWER))

    assert not Scope.objects.exists()


@pytest.mark.parametrize(
    "vocabulary",
    [
        {"purposes": "reminders"},
        {"purposes": ["reminders"]},
        {"purposes": [{"code": "Has Space", "title": "x", "description": "x"}]},
        {"purposes": [{"code": "x", "title": "", "description": "x"}]},
        {"purposes": [{"code": "x", "title": "t" * 121, "description": "x"}]},
        {"purposes": [{"code": "x", "title": "nul\0", "description": "x"}]},
        {"purposes": WORDS["purposes"] * 2},
        {"purposes": WORDS["purposes"] * 201},
        {"scopes": [{"name": "drop table", "title": "x", "description": "x"}]},
        {"scopes": WORDS["scopes"]},
        changed(cluster={"depth": "secret"}),
        changed(cluster={"depth": 4}),
        changed(cluster={"max_retention_days": -1}),
        changed(cluster={"max_retention_days": True}),
        changed(cluster={"max_retention_days": 10**9}),
        changed(cluster={"purposes": ["nothing-known"]}),
        changed(cluster={"permissions": [7]}),
        changed(cluster={"permissions": "Where it is"}),
    ],
)
def test_words_that_cannot_be_meant_are_refused_whole(vocabulary):
    with pytest.raises(VocabularyInvalid):
        learn_vocabulary("parcels", vocabulary, by=SYSTEM)

    assert not Purpose.objects.exists()
    assert not Scope.objects.exists()


def test_binding_replaces_the_rules_of_one_operation_only():
    learn_vocabulary("parcels", WORDS, by=SYSTEM)
    bind_fields("parcels/v1/list", [("/items/*/place", "parcels"), ("/items/*/left", "parcels")])
    bind_fields("parcels/v1/get", [("/place", "parcels")])

    bind_fields("parcels/v1/list", [("/items/*/place", "parcels")])

    assert sorted(FieldRule.objects.values_list("operation_key", "pointer")) == [
        ("parcels/v1/get", "/place"),
        ("parcels/v1/list", "/items/*/place"),
    ]


def test_a_superseded_version_keeps_its_rules():
    learn_vocabulary("parcels", WORDS, by=SYSTEM)
    bind_fields("parcels/v1/get", [("/place", "parcels")])
    learn_vocabulary("parcels", changed(cluster={"label": "Your post"}), by=SYSTEM)

    bind_fields("parcels/v1/get", [("/place", "parcels"), ("/weight", "parcels")])

    old, new = DataCluster.objects.order_by("version")
    assert [rule.pointer for rule in old.rules.all()] == ["/place"]
    assert sorted(rule.pointer for rule in new.rules.all()) == ["/place", "/weight"]


def test_binding_to_an_unknown_cluster_is_refused():
    with pytest.raises(VocabularyInvalid, match="no data cluster called nothing"):
        bind_fields("parcels/v1/get", [("/place", "nothing")])
