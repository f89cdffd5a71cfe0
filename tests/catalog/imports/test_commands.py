from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from catalog.apis.models import Api, Operation
from catalog.imports.models import ImportJob
from catalog.specs.models import SpecRevision
from portal.access.actors import Role
from tests.catalog.specs.documents import api, raw, towns
from tests.factories.people import UserFactory, staff, user_of


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "people.json").write_bytes(raw(api()))
    (tmp_path / "inner" / "broken.yaml").write_text("openapi: [")
    (tmp_path / "inner" / "page.yml").write_text("<html></html>")
    (tmp_path / "notes.txt").write_text("not a description")
    things = api(**{"x-portal": None})
    (tmp_path / "kestrel.example__main__v1.json").write_bytes(raw(things))
    things["info"] = {**things["info"], "version": "2.0"}
    (tmp_path / "kestrel.example__main__v2.json").write_bytes(raw(things))
    return tmp_path


@pytest.mark.django_db
def test_a_folder_is_read_to_its_end_with_a_line_for_each_document(folder, capsys):
    call_command("import_specs", str(folder))

    told = capsys.readouterr().out
    assert "invalid_yaml" in told
    assert "inner/page.yml  html: This is a web page" in told
    assert "5 documents, 3 operations" in told
    assert "Grades: A 1, B 2. Not read: 2." in told
    assert set(Api.objects.values_list("slug", flat=True)) == {"people", "kestrel-example"}
    assert Operation.objects.filter(version__api__slug="kestrel-example").count() == 2
    assert Api.objects.get(slug="people").status == Api.Status.DRAFT


@pytest.mark.django_db
def test_what_was_read_is_published_when_that_is_asked_for(folder, capsys):
    (folder / "open.json").write_bytes(raw(api(security=[], info={"title": "O", "version": "9"})))

    (folder / "towns.json").write_bytes(raw(towns()))
    ines = user_of(staff(Role.CATALOG))

    call_command("import_specs", str(folder), "--publish", "--owner", ines.email)
    call_command("import_specs", str(folder), "--publish")

    told = capsys.readouterr().out
    assert "not published: People v9 reveals personal data" in told
    assert "nobody has assessed" in told
    assert dict(Api.objects.values_list("slug", "status")) == {
        "people": Api.Status.DRAFT,
        "kestrel-example": Api.Status.DRAFT,
        "towns": Api.Status.PUBLISHED,
    }
    assert set(Api.objects.values_list("owner", flat=True)) == {ines.pk}
    assert SpecRevision.objects.current().count() == 5


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["nobody@example.org", "partner@example.org"])
def test_an_owner_is_on_the_staff(folder, email):
    UserFactory(email="partner@example.org")

    with pytest.raises(CommandError, match="Nobody on the staff"):
        call_command("import_specs", str(folder), "--owner", email)

    assert not Api.objects.exists()


@pytest.mark.django_db
def test_an_address_is_read_and_one_that_cannot_be_is_a_line(httpserver, capsys):
    httpserver.expect_request("/people.json").respond_with_data(raw(api()))

    call_command(
        "import_specs",
        "https://169.254.169.254/latest/meta-data/",
        "/nowhere/at/all.json",
        httpserver.url_for("/people.json"),
    )

    told = capsys.readouterr().out
    assert "address_blocked" in told
    assert "not_readable" in told
    assert "Grades: A 1. Not read: 2." in told


@pytest.mark.django_db
def test_a_folder_is_one_job_and_its_second_reading_changes_nothing(folder, capsys):
    call_command("import_specs", str(folder))
    revisions = SpecRevision.objects.count()

    call_command("import_specs", str(folder))

    assert "people.json  unchanged" in capsys.readouterr().out
    assert SpecRevision.objects.count() == revisions
    first, second = ImportJob.objects.counted().order_by("pk")
    assert (first.status, first.read_count, first.refused_count) == ("done", 3, 2)
    assert (second.status, second.unchanged_count, second.refused_count) == ("done", 3, 2)


@pytest.mark.django_db(transaction=True)
def test_two_workers_read_each_document_once(folder, capsys):
    call_command("import_specs", str(folder), "--workers", "2")

    assert "Grades: A 1, B 2. Not read: 2." in capsys.readouterr().out
    assert SpecRevision.objects.current().count() == 3
    assert SpecRevision.objects.count() == 5
