"""How the documents come to be, and that a question is answered from their indexes."""

from __future__ import annotations

import pytest
from django.db import connection

from catalog.apis.models import ApiVersion
from catalog.specs.actions import import_document
from portal.access.actors import ANONYMOUS, Role
from portal.events.log import deliver_due
from portal.search import finding
from portal.search.finding import Filters, Page, find
from portal.search.indexing import index_due, index_versions
from portal.search.models import Document, Kind, Word
from portal.search.wording import wording_of
from tests.catalog.apis.world import parcels
from tests.catalog.specs import documents
from tests.factories.catalog import OperationFactory
from tests.factories.people import staff
from tests.factories.publishing import published

pytestmark = pytest.mark.django_db


def titles(**narrowed) -> list[str]:
    return sorted(Document.objects.filter(**narrowed).values_list("title", flat=True))


def test_a_version_is_written_down_in_kinds():
    operation = parcels()

    index_versions([operation.version_id])

    assert titles(kind=Kind.API) == ["Parcels"]
    assert titles(kind=Kind.OPERATION) == ["Get a parcel"]
    assert titles(kind=Kind.FIELD) == ["id", "note", "place"]
    assert titles(kind=Kind.SCOPE) == ["parcels:read"]
    assert Word.objects.filter(word="parcel").exists()


def test_once_more_changes_nothing():
    operation = parcels()
    index_versions([operation.version_id])
    before = titles()

    index_versions([operation.version_id])

    assert titles() == before


def test_an_import_is_found_when_its_news_is_delivered():
    ines = staff(Role.CATALOG)
    revision = import_document(
        documents.raw(documents.api(info={"title": "Lighthouses", "version": "1.0.0"})),
        by=ines,
        source="x",
    )
    published(revision.version, by=ines)
    assert not Document.objects.exists()

    deliver_due()

    assert "Lighthouses" in titles(kind=Kind.API)


def test_what_no_event_told_of_is_indexed_by_the_sweep():
    parcels()

    assert index_due() == 1
    assert index_due() == 0
    assert titles(kind=Kind.OPERATION) == ["Get a parcel"]


def test_an_operation_that_goes_takes_its_documents_along():
    operation = parcels()
    index_versions([operation.version_id])

    operation.delete()

    assert titles(kind__in=[Kind.OPERATION, Kind.FIELD]) == []


@pytest.fixture
def many():
    """Return a version whose operations are many enough for an index to be worth asking."""
    operation = parcels()
    OperationFactory.create_batch(1500, version=operation.version, summary="List other things")
    index_versions([operation.version_id])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_document")
    return operation


def test_a_question_reads_the_index_of_each_kind_and_no_whole_table(many, monkeypatch):
    asked = []
    statement_for = finding.statement_for
    monkeypatch.setattr(
        finding, "statement_for", lambda *a, **k: asked.append(statement_for(*a, **k)) or asked[-1]
    )
    with connection.execute_wrapper(explaining(plans := [])):
        found = find(
            wording_of("parcel"),
            actor=ANONYMOUS,
            filters=Filters(),
            page=Page(dict.fromkeys(Kind, 5)),
        )

    assert found.counts[Kind.OPERATION] == 1
    (plan,) = plans
    assert "Seq Scan on search_document" not in plan
    for kind in (Kind.OPERATION, Kind.FIELD):
        assert f"search_{kind.name.lower()}_words" in plan


def explaining(plans):
    def wrapper(execute, sql, parameters, many, context):
        if sql.lstrip().startswith("WITH visible"):
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", parameters)
                plans.append("\n".join(line for (line,) in cursor.fetchall()))
        return execute(sql, parameters, many, context)

    return wrapper


def test_a_slip_is_looked_up_in_the_index_of_spellings(many):
    letters = str.maketrans("0123456789", "abcdefghij")
    Word.objects.bulk_create(
        Word(word=f"word{number}".translate(letters), spellings=[f"s{number}"])
        for number in range(5000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_word")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {finding._SHARING}", [["parcl", "pacl"]])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "search_word_spellings" in plan
    assert "Seq Scan on search_word" not in plan


def test_only_so_many_hits_are_ranked(monkeypatch):
    monkeypatch.setattr(finding, "MOST_HITS", 10)
    operation = parcels()
    OperationFactory.create_batch(20, version=operation.version, summary="Send a parcel")
    index_versions([operation.version_id])

    found = find(
        wording_of("parcel"), actor=ANONYMOUS, filters=Filters(), page=Page({Kind.OPERATION: 25})
    )

    assert found.counts[Kind.OPERATION] == 10
    assert found.is_cut


def test_two_versions_of_an_api_are_one_result_for_its_name():
    operation = parcels()
    api = operation.version.api
    older = ApiVersion.objects.create(
        api=api, label="v0", status="deprecated", published_at=api.published_at
    )
    OperationFactory(version=older)
    index_versions([operation.version_id, older.pk])

    found = find(
        wording_of("parcels"), actor=ANONYMOUS, filters=Filters(), page=Page({Kind.API: 5})
    )

    assert [(hit.title, hit.label) for hit in found.hits[Kind.API]] == [("Parcels", "v1")]
