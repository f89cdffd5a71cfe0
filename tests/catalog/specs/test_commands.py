from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from catalog.apis.models import Api, Operation
from catalog.specs.models import SpecRevision
from tests.catalog.specs.documents import api, raw


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

    call_command("import_specs", str(folder), "--publish")
    call_command("import_specs", str(folder), "--publish")

    assert "not published: People v9 reveals personal data" in capsys.readouterr().out
    assert set(Api.objects.values_list("status", flat=True)) == {Api.Status.PUBLISHED}
    assert SpecRevision.objects.current().count() == 4


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


def lint(path, form="text"):
    call_command("lint_spec", str(path), "--format", form)


def test_a_sound_description_passes(tmp_path, capsys):
    (tmp_path / "people.json").write_bytes(raw(api()))

    lint(tmp_path / "people.json")

    assert "grade A, 100 of 100 points, 0 errors" in capsys.readouterr().out


def test_an_error_stops_the_build_and_names_its_rule(tmp_path, capsys):
    (tmp_path / "people.json").write_bytes(raw(api(security=[])))

    with pytest.raises(SystemExit) as stop:
        lint(tmp_path / "people.json")

    assert stop.value.code == 1
    assert "data-open" in capsys.readouterr().out


def test_findings_come_as_json(tmp_path, capsys):
    (tmp_path / "people.json").write_bytes(raw(api(servers=[])))

    lint(tmp_path / "people.json", "json")

    report = json.loads(capsys.readouterr().out)
    assert (report["grade"], report["points"]) == ("A", 90)
    assert report["findings"][0]["rule"] == "server-missing"


@pytest.mark.parametrize("text", ["openapi: [", '{"openapi": "3.1.0", "paths": {"a": {}}}'])
def test_findings_come_as_sarif(tmp_path, capsys, text):
    (tmp_path / "bad.yaml").write_text(text)

    with pytest.raises(SystemExit):
        lint(tmp_path / "bad.yaml", "sarif")

    report = json.loads(capsys.readouterr().out)
    (run,) = report["runs"]
    known = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert report["version"] == "2.1.0"
    assert {result["ruleId"] for result in run["results"]} <= known
    assert "error" in {result["level"] for result in run["results"]}


def test_a_file_that_is_not_there_is_an_error(tmp_path, capsys):
    with pytest.raises(SystemExit):
        lint(tmp_path / "nothing.json")

    assert "could not be opened" in capsys.readouterr().out
