"""Descriptions that other people wrote: every one is read, counted and graded."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion, Operation
from catalog.specs.actions import import_document
from catalog.specs.gates import gaps_of
from catalog.specs.loader import Unreadable
from catalog.specs.models import SpecRevision
from catalog.specs.reading import Description, read_description
from portal.access.actors import SYSTEM, Role
from tests import shared_documents
from tests.catalog.specs.test_properties import storable
from tests.factories.people import staff, user_of

pytestmark = [pytest.mark.specs, shared_documents.needs_documents]


def read(path) -> Description:
    return read_description(path.read_bytes(), max_bytes=20_000_000)


@pytest.mark.django_db
@pytest.mark.timeout(300)
def test_the_public_documents_are_all_imported_with_a_grade_and_every_operation(capsys):
    ines = user_of(staff(Role.CATALOG))

    call_command(
        "import_specs", str(shared_documents.ROOT / "public"), "--publish", "--owner", ines.email
    )

    counted = {
        f"public/{revision.source}": revision.operation_count
        for revision in SpecRevision.objects.exclude(status="rejected").defer("raw")
    }
    expected = shared_documents.index()
    assert {name: counted.get(name) for name in expected} == expected
    assert set(ApiVersion.objects.values_list("grade", flat=True)) <= set("ABCDF")
    assert Operation.objects.count() == sum(counted.values())
    drafts = ApiVersion.objects.filter(status=ApiVersion.Status.DRAFT).select_related("api")
    assert all(gaps_of(version, at=timezone.now()) for version in drafts)
    assert Api.objects.filter(status=Api.Status.PUBLISHED).count() > 40
    assert ApiVersion.objects.filter(api__slug="adyen-com-recurringservice").count() == 3
    told = capsys.readouterr().out
    assert "Not read: 3." in told


def test_each_broken_document_has_a_reason_or_is_read():
    reasons = []
    for path in shared_documents.documents("public/broken/*"):
        try:
            read(path)
        except Unreadable as refusal:
            reasons.append(refusal.code)

    assert reasons == ["bad_json"] * 3


@pytest.mark.parametrize("folder", ["oas-examples", "open-banking-uk", "stripe", "blue-button"])
def test_every_document_is_read_and_fits_its_columns(folder):
    for path in shared_documents.documents(f"{folder}/**/*"):
        description = read(path)
        storable(description)
        assert description.grading.letter in "ABCDF", path


def test_a_document_reads_the_same_as_json_and_as_yaml():
    for path in shared_documents.documents("oas-examples/3.*/json/*.json"):
        twin = path.parent.parent / "yaml" / f"{path.stem}.yaml"
        if twin.exists() and path.stem not in {"security", "petstore", "readme-extensions"}:
            one, other = read(path).api, read(twin).api
            assert [(o.slug, o.path) for o in one.operations] == [
                (o.slug, o.path) for o in other.operations
            ], path


@pytest.mark.django_db
def test_the_years_of_one_api_become_its_versions():
    for path in shared_documents.documents("stripe/*-2018-*", "stripe/*-2019-*"):
        import_document(path.read_bytes(), by=SYSTEM, source=path.name)

    assert Api.objects.count() == 1
    assert ApiVersion.objects.count() == 2


def test_what_a_page_shows_of_an_operation_stays_small():
    for name in ("github.com__ghes-3.6__1.1.4", "mist.com__main__2502.1.20"):
        path = shared_documents.ROOT / "public" / f"{name}.json"
        for one in read(path).api.operations:
            words = sum(len(row.description) + len(row.name) for row in one.fields)
            shown = len(repr((one.parameters, one.request_body, one.responses, one.examples)))
            assert shown + words < 60_000, one.slug
