"""Importing and publishing, on real tables."""

from __future__ import annotations

import copy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.apis.models import Api, ApiVersion, Field, Operation
from catalog.plans.models import Plan
from catalog.scopes.models import DataCluster, FieldRule, Scope
from catalog.specs.actions import import_document, publish_version
from catalog.specs.models import Finding, SpecRevision
from portal.access.actors import SYSTEM, Role
from portal.errors import Conflict, NotAllowed
from portal.events.models import Event
from tests.catalog.specs.documents import PERSON, PORTAL, api, operation, raw
from tests.factories.people import staff
from tests.factories.publishing import published

pytestmark = pytest.mark.django_db


def imported(document, **options):
    return import_document(raw(document), by=SYSTEM, source="people.json", **options)


def paths(**operations):
    return {f"/{name}": {"get": one} for name, one in operations.items()}


def test_a_document_becomes_an_api_a_version_operations_and_fields():
    revision = imported(api())

    version = revision.version
    found = version.operations.get()
    assert (revision.status, revision.format) == ("current", "openapi-3.1 json")
    assert (version.api.slug, version.label, version.grade) == ("people", "v1", "A")
    assert version.api.status == Api.Status.DRAFT
    assert (found.slug, found.scopes, found.depth) == ("getPerson", ["people:read"], 4)
    assert found.fields.get(pointer="/notes/*/text").retention_days == 7
    assert Event.objects.get(kind="catalog.spec.imported").facts["grade"] == "A"


def test_the_same_bytes_twice_change_nothing():
    first = imported(api())
    events = Event.objects.count()

    assert imported(api()) == first
    assert Event.objects.count() == events


def test_a_newer_document_supersedes_and_operations_that_stay_keep_their_ids():
    keep, drop, add = (operation(operationId=name) for name in ("keep", "drop", "add"))
    first = imported(api(paths=paths(a=keep, b=drop)))
    kept = Operation.objects.get(slug="keep").pk

    second = imported(api(paths=paths(a={**keep, "summary": "Newer"}, c=add)))

    first.refresh_from_db()
    assert (first.status, second.status) == ("superseded", "current")
    assert first.version == second.version
    assert set(Operation.objects.values_list("slug", flat=True)) == {"keep", "add"}
    stays = Operation.objects.get(slug="keep")
    assert (stays.pk, stays.summary) == (kept, "Newer")


def test_two_operations_may_swap_their_paths():
    one, two = operation(operationId="one"), operation(operationId="two")
    imported(api(paths=paths(a=one, b=two)))

    imported(api(paths=paths(a=two, b=one)))

    assert set(Operation.objects.values_list("slug", "path")) == {("one", "/b"), ("two", "/a")}


def test_another_major_version_stands_beside_the_first():
    imported(api())
    info = {"title": "People", "version": "2.0.0", "description": "x"}

    imported(api(info=info))

    assert list(ApiVersion.objects.order_by("label").values_list("label", flat=True)) == [
        "v1",
        "v2",
    ]
    assert Api.objects.count() == 1


def test_the_caller_may_name_the_api():
    assert imported(api(), slug="neighbours").version.api.slug == "neighbours"


@pytest.mark.parametrize(
    ("junk", "code"), [(b"", "empty"), (b"<html>", "html"), (b"{", "bad_json")]
)
def test_a_document_that_cannot_be_read_is_kept_with_its_reason(junk, code):
    revision = import_document(junk, by=SYSTEM, source="junk")

    assert (revision.status, revision.reason_code) == ("rejected", code)
    assert revision.reason
    assert bytes(revision.raw) == junk
    assert not Api.objects.exists()
    assert Event.objects.get().kind == "catalog.spec.rejected"
    assert import_document(junk, by=SYSTEM, source="junk") == revision


def test_what_is_too_large_is_refused_before_it_is_read_and_not_kept(settings):
    settings.SPEC_MAX_BYTES = 100

    revision = imported(api())

    assert revision.reason_code == "too_large"
    assert bytes(revision.raw) == b""


def test_the_vocabulary_is_learnt_and_leaves_are_bound_to_their_clusters():
    imported(api())

    rules = FieldRule.objects.filter(operation_key="people/v1/getPerson")
    bound = {(rule.cluster.code, rule.pointer) for rule in rules.select_related("cluster")}
    assert Scope.objects.get(name="people:read").cluster_code == "delivery-area"
    assert bound == {
        ("delivery-area", "/name"),
        ("delivery-area", "/born_on"),
        ("delivery-area", "/friend"),
        ("delivery-area", "/tags"),
        ("notes", "/notes/*/text"),
        ("notes", "/notes/*/tone"),
    }


def test_a_vocabulary_that_is_not_sound_is_a_finding_and_teaches_nothing():
    revision = imported(api(**{"x-portal": {**PORTAL, "scopes": [{"name": "x"}]}}))

    assert revision.findings.filter(rule="x-portal-invalid").exists()
    assert not DataCluster.objects.exists()
    assert revision.version.api.slug == "people"


def test_a_document_that_takes_the_scope_of_another_api_is_rejected_whole():
    imported(api())

    revision = imported(api(**{"x-portal": {**PORTAL, "slug": "thieves"}}))

    assert (revision.status, revision.reason_code) == ("rejected", "scope_taken")
    assert not Api.objects.filter(slug="thieves").exists()


def test_findings_are_kept_with_the_place():
    revision = imported(api(servers=[]))

    assert revision.findings.get(rule="server-missing").pointer == "/servers"
    assert Finding.objects.count() == 1


def test_a_large_document_takes_few_queries():
    document = api(
        paths={f"/a{n}": {"get": operation(operationId=f"a{n}")} for n in range(100)},
        **{"x-portal": None},
    )

    with CaptureQueriesContext(connection) as queries:
        imported(document)

    assert len(queries) < 45
    assert Field.objects.count() == 700


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SECURITY, Role.PRIVACY])
def test_only_who_keeps_the_catalog_may_import_and_publish(role):
    version = imported(api()).version
    actor = staff(role)

    with pytest.raises(NotAllowed):
        import_document(b"{}", by=actor, source="-")
    with pytest.raises(NotAllowed):
        publish_version(version, by=actor)


def test_a_published_version_is_shown_and_can_be_asked_for():
    ines = staff(Role.CATALOG)
    version = import_document(raw(api()), by=ines, source="people.json").version

    published(version, by=ines)

    version.refresh_from_db()
    assert version.status == ApiVersion.Status.STABLE
    assert version.api.status == Api.Status.PUBLISHED
    assert version.api.owner_id == ines.person_id
    assert set(Plan.objects.values_list("code", flat=True)) == {"sandbox", "production"}
    event = Event.objects.get(kind="catalog.version.published")
    assert event.facts["api"] == "people"


def test_a_version_is_published_once():
    version = published(imported(api()).version)

    with pytest.raises(Conflict):
        publish_version(version, by=SYSTEM)

    assert Event.objects.filter(kind="catalog.version.published").count() == 1


def test_a_second_version_is_published_under_the_same_api():
    published(imported(api()).version)
    info = {"title": "People", "version": "2.0.0", "description": "x"}

    published(imported(api(info=info)).version)

    assert ApiVersion.objects.filter(status=ApiVersion.Status.STABLE).count() == 2


def test_personal_data_without_a_scope_is_not_published():
    version = imported(api(security=[])).version

    with pytest.raises(Conflict) as refusal:
        publish_version(version, by=SYSTEM)

    assert refusal.value.code == "data_open"
    version.refresh_from_db()
    assert version.status == ApiVersion.Status.DRAFT


def test_a_draft_follows_its_document_and_a_published_api_keeps_its_name():
    version = published(imported(api()).version)
    info = {"title": "Folk", "version": "1.3.0", "description": "x"}

    imported(api(info=info))

    version.refresh_from_db()
    assert (version.title, version.number) == ("Folk", "1.3.0")
    assert Api.objects.get().name == "People"


def test_hostile_words_are_stored_harmless():
    person = copy.deepcopy(PERSON)
    person["properties"]["name"]["description"] = "<script>alert(1)</script>name"
    document = api(info={"title": "<b>People</b>", "version": "1", "description": "<script>x"})
    document["components"]["schemas"]["Person"] = person

    version = imported(document).version

    assert version.title == "People"
    assert "<script" not in version.description_html
    assert "<" not in Field.objects.get(pointer="/name").description


def test_a_rejected_revision_has_no_version():
    assert imported({"hello": 1}).version is None
    assert SpecRevision.objects.rejected().count() == 1
