from __future__ import annotations

import copy

import pytest
from django.db import DatabaseError, connection, transaction

from catalog.scopes.actions import learn_vocabulary
from catalog.scopes.binding import Binding, Bound
from catalog.scopes.models import DataCluster, Depth, DetailType, Purpose, Scope
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
    learn(WORDS, *bound("list", "/items/*/place"))

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
        changed(cluster={"permissions": [{"text": "Where it is"}]}),
        changed(cluster={"permissions": [{"code": "where", "text": "Here"}] * 2}),
        changed(cluster={"permissions": "Where it is"}),
    ],
)
def test_words_that_cannot_be_meant_are_refused_whole(vocabulary):
    with pytest.raises(VocabularyInvalid):
        learn_vocabulary("parcels", vocabulary, by=SYSTEM)

    assert not Purpose.objects.exists()
    assert not Scope.objects.exists()


def bound(operation, *pointers, **said):
    return [Bound(f"parcels/v1/{operation}", pointer, "parcels", **said) for pointer in pointers]


def learn(vocabulary, *fields, version="parcels/v1"):
    learn_vocabulary("parcels", vocabulary, by=SYSTEM, binding=Binding(version, fields))


def rules_of(cluster):
    return sorted(cluster.rules.values_list("operation_key", "pointer"))


def test_the_first_reading_binds_fields_to_the_first_version():
    learn(WORDS, *bound("list", "/items/*/place"), *bound("get", "/place", transform="masked=4"))

    cluster = DataCluster.objects.get()
    assert cluster.version == 1
    assert sorted(rule.seen_as for rule in cluster.rules.all()) == [
        "/items/*/place",
        "/place;masked=4",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        [("/place", {}), ("/weight", {})],
        [],
        [("/place", {"transform": "masked=4"})],
    ],
    ids=["one more", "one less", "shown otherwise"],
)
def test_other_fields_make_a_new_version_and_the_old_one_keeps_its_own(fields):
    learn(WORDS, *bound("get", "/place"))

    learn(WORDS, *(field for pointer, said in fields for field in bound("get", pointer, **said)))

    old, new = DataCluster.objects.order_by("version")
    assert rules_of(old) == [("parcels/v1/get", "/place")]
    assert old.superseded_at
    assert new.version == 2
    assert rules_of(new) == [("parcels/v1/get", pointer) for pointer, _ in fields]
    assert Event.objects.filter(kind="catalog.cluster.worded").count() == 2


def test_the_same_fields_again_change_nothing():
    learn(WORDS, *bound("get", "/place", "/weight"))
    learn(WORDS, *bound("get", "/weight", "/place"))

    assert DataCluster.objects.get().rules.count() == 2


def test_another_version_of_the_api_leaves_the_fields_of_the_first_alone():
    learn(WORDS, *bound("get", "/place"))

    learn(WORDS, Bound("parcels/v2/get", "/where", "parcels"), version="parcels/v2")

    assert rules_of(DataCluster.objects.current().get()) == [
        ("parcels/v1/get", "/place"),
        ("parcels/v2/get", "/where"),
    ]


def test_fields_of_a_cluster_that_nobody_worded_are_refused():
    with pytest.raises(VocabularyInvalid, match="no data cluster called nothing"):
        learn(WORDS, Bound("parcels/v1/get", "/place", "nothing"))


@pytest.mark.parametrize("statement", ["UPDATE {} SET transform = ''", "DELETE FROM {}"])
def test_what_a_version_reveals_cannot_be_edited(statement):
    learn(WORDS, *bound("get", "/place"))

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("scopes_fieldrule"))

    assert rules_of(DataCluster.objects.get()) == [("parcels/v1/get", "/place")]


SENTENCES = [
    {"code": "where", "text": "Where it is"},
    {"code": "who", "text": "Who sent it"},
    "Send one",
]


def test_a_field_knows_the_sentence_that_tells_of_it():
    words = changed(cluster={"permissions": SENTENCES})

    learn(words, *bound("get", "/place", permission="where"), *bound("get", "/sender"))

    cluster = DataCluster.objects.get()
    assert cluster.permissions == ["Where it is", "Who sent it", "Send one"]
    assert dict(cluster.rules.values_list("pointer", "permission")) == {
        "/place": "Where it is",
        "/sender": "",
    }


@pytest.mark.parametrize(
    "permissions", [["Where it is"], [SENTENCES[0], "Send one"]], ids=["alone", "beside an ability"]
)
def test_where_one_sentence_tells_of_fields_that_is_it(permissions):
    learn(changed(cluster={"permissions": permissions}), *bound("get", "/place"))

    assert DataCluster.objects.get().rules.get().permission == "Where it is"
