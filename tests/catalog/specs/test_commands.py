from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from tests.catalog.specs.documents import api, raw


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
