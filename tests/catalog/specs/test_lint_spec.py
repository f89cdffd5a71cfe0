from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from catalog.rules.rulebook import RULES
from tests.catalog.specs.documents import api, operation, raw

SOUND = api()
# Two errors of governance, both in lines of their own.
LEAKY = """openapi: 3.1.0
info: { title: People, version: 1.0.0, description: Who lives where. }
servers: [{ url: https://people.meridian.example/v1 }]
paths:
  /people/{email}:
    get:
      parameters:
        - name: email
          in: path
          required: true
          schema: { type: string }
  /everyBody:
    post:
      security: []
"""


@pytest.fixture
def lint(tmp_path, capsys):
    """Return the exit code and what was printed."""

    def run(content: str | bytes, *options: str, overrides: str | None = None) -> tuple[int, str]:
        path = tmp_path / "people.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if overrides is not None:
            (tmp_path / "agreed.yaml").write_text(overrides)
            options += ("--overrides", str(tmp_path / "agreed.yaml"))
        try:
            call_command("lint_spec", str(path), *options)
            code = 0
        except SystemExit as stop:
            code = int(str(stop.code))
        return code, capsys.readouterr().out

    return run


def test_a_sound_description_passes(lint):
    code, told = lint(raw(SOUND))

    assert code == 0
    assert "grade A, 100 of 100 points, 0 errors" in told


def test_an_error_stops_the_build_and_names_its_rule(lint):
    code, told = lint(raw(api(security=[])))

    assert code == 1
    assert "data-open" in told


def test_each_finding_is_told_with_its_line_and_its_number(lint):
    _, told = lint(LEAKY)

    assert "people.yaml:8  error  R808 personal-in-path" in told
    assert "people.yaml:12  warning  R301 path-case" in told
    assert "people.yaml:13  error  R506 write-open" in told


def test_findings_come_as_json(lint):
    code, told = lint(raw(api(servers=[])), "--format", "json")

    report = json.loads(told)
    assert (code, report["grade"], report["points"]) == (0, "A", 90)
    (found,) = report["findings"]
    assert (found["rule"], found["number"], found["line"]) == ("server-missing", "R112", 1)


@pytest.mark.parametrize(
    ("level", "code"), [("error", 0), ("warning", 1), ("never", 0)], ids=["error", "warning", "no"]
)
def test_the_level_that_stops_the_build_is_chosen(lint, level, code):
    assert lint(raw(api(servers=[])), "--fail-on", level)[0] == code


def test_a_file_that_is_not_there_is_an_error(capsys):
    with pytest.raises(SystemExit) as stop:
        call_command("lint_spec", "/nowhere/at/all.yaml")

    assert stop.value.code == 1
    assert "could not be opened" in capsys.readouterr().out


def test_what_was_agreed_to_does_not_stop_the_build(lint):
    agreed = """
rules:
  personal-in-path: { level: "off", reason: Changed in version 2., until: 2999-01-01 }
  write-open: { level: warning, reason: Behind a wall., until: 2999-01-01 }
"""

    code, told = lint(LEAKY, overrides=agreed)

    assert code == 0
    assert "personal-in-path" not in told
    assert "13  warning  R506" in told
    assert "1 switched off." in told


def test_what_was_agreed_to_and_is_over_stops_it_again(lint):
    agreed = "rules: {personal-in-path: {level: off, reason: Once., until: 2001-01-01}}"

    code, told = lint(LEAKY, overrides=agreed)

    assert code == 1
    assert "note: personal-in-path was agreed to until 2001-01-01." in told


@pytest.mark.parametrize("text", ["[", "rules: {data-open: {level: off}}", "rules: 7"])
def test_overrides_that_cannot_be_meant_are_the_callers_mistake(lint, text):
    with pytest.raises(CommandError) as refusal:
        lint(LEAKY, overrides=text)

    assert refusal.value.returncode == 2


def check_sarif(log) -> None:
    """Assert what SARIF 2.1.0 requires of the parts that are used (OASIS, 3.13 to 3.59)."""
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uri"].isascii()
        assert " " not in physical["artifactLocation"]["uri"]
        assert physical["region"]["startLine"] >= 1
        for suppression in result.get("suppressions", []):
            assert suppression["kind"] == "external"
            assert suppression["justification"]


@pytest.mark.parametrize(
    "text",
    ["openapi: [", LEAKY, raw(SOUND), raw(api(security=[]))],
    ids=["unreadable", "leaky", "sound", "open"],
)
def test_findings_come_as_sarif(lint, text):
    _, told = lint(text, "--format", "sarif")

    check_sarif(json.loads(told))


def test_sarif_leads_to_the_page_of_the_rule_and_to_the_line(lint, settings):
    _, told = lint(LEAKY, "--format", "sarif")

    (run,) = json.loads(told)["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == set(RULES)
    assert rules["write-open"]["helpUri"] == f"{settings.ISSUER}/rules/write-open/"
    lines = {
        result["ruleId"]: result["locations"][0]["physicalLocation"]["region"]["startLine"]
        for result in run["results"]
    }
    assert (lines["personal-in-path"], lines["write-open"]) == (8, 13)


def test_sarif_keeps_what_is_switched_off_as_suppressed(lint):
    agreed = 'rules: {write-open: {level: "off", reason: Behind a wall., until: 2999-01-01}}'

    code, told = lint(LEAKY, "--format", "sarif", overrides=agreed)

    log = json.loads(told)
    check_sarif(log)
    held = [one for one in log["runs"][0]["results"] if one["ruleId"] == "write-open"]
    assert [one["suppressions"][0]["justification"] for one in held] == ["Behind a wall."]
    assert code == 1


def test_a_finding_keeps_its_fingerprint_when_lines_are_added_above(lint):
    def prints(text):
        (run,) = json.loads(lint(text, "--format", "sarif")[1])["runs"]
        return {one["partialFingerprints"]["rulePlace/v1"] for one in run["results"]}

    assert prints(LEAKY) == prints(f"# A word before.\n\n{LEAKY}")


def test_a_name_that_is_no_address_is_written_as_one(tmp_path, capsys):
    path = tmp_path / "my parcels ü.json"
    path.write_bytes(raw(api(paths={"/a": {"get": operation(operationId="")}})))

    call_command("lint_spec", str(path), "--format", "sarif", "--fail-on", "never")

    check_sarif(json.loads(capsys.readouterr().out))
