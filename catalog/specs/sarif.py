"""What a check found as SARIF 2.1.0, which code hosts show beside the lines of the document."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from catalog.rules.rulebook import ERROR, INFO, OFF, RULES, WARNING, Found, Rule
from catalog.specs.reports import Report

LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note", OFF: "none"}
UNREADABLE = "unreadable"
_UNREADABLE_RULE = {
    "id": UNREADABLE,
    "shortDescription": {"text": "The document can be read"},
    "defaultConfiguration": {"level": "error"},
}


def as_sarif(report: Report, *, base: str = "") -> dict[str, Any]:
    """Return a log with one run. `base` is the portal's address, where each rule has its page."""
    rules = [_rule(rule, base=base) for rule in RULES.values()]
    places = {rule["id"]: index for index, rule in enumerate(rules)}
    results = [_result(report, found, places[found.rule]) for found in report.findings]
    if report.reason:
        rules.append(_UNREADABLE_RULE)
        results.append(
            {
                "ruleId": UNREADABLE,
                "ruleIndex": len(rules) - 1,
                "level": "error",
                "message": {"text": report.reason},
                "locations": [_location(report.file, "", 1)],
            }
        )
    driver = {"name": "Meridian API rules", "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _rule(rule: Rule, *, base: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {
            "text": f"{rule.why}\n\nNot like this:\n\n{rule.bad}\nBut like this:\n\n{rule.good}"
        },
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.group]},
    }
    if base:
        described["helpUri"] = f"{base}/rules/{rule.code}/"
    return described


def _result(report: Report, found: Found, place: int) -> dict[str, Any]:
    level = report.agreed.level_of(found.rule)
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": place,
        "level": LEVELS[level],
        "message": {"text": found.message},
        "locations": [_location(report.file, found.pointer, found.line or 1)],
        # The same finding after lines were added above it.
        "partialFingerprints": {"rulePlace/v1": _digest(found)},
    }
    if level == OFF:
        reason = report.agreed.reasons.get(found.rule, "")
        # A suppression that says nothing is still one.
        result["suppressions"] = [{"kind": "external", "justification": reason or "Agreed."}]
        result["level"] = LEVELS[RULES[found.rule].severity]
    return result


def _location(file: str, pointer: str, line: int) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(file, errors="replace")},
            "region": {"startLine": line},
        },
        "logicalLocations": [{"fullyQualifiedName": pointer or "/", "kind": "member"}],
    }


def _digest(found: Found) -> str:
    text = f"{found.rule} {found.pointer} {found.message}"
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
