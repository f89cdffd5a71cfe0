"""What a check found, as text, as JSON and as SARIF 2.1.0."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from catalog.rules.rulebook import ERROR, INFO, RULES, WARNING, Found
from catalog.specs.reading import Description
from portal.errors import Refused

SARIF_LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Report:
    file: str
    letter: str
    points: int
    operation_count: int
    findings: tuple[Found, ...]
    lost: tuple[tuple[str, int], ...]
    reason_code: str = ""
    reason: str = ""

    @property
    def has_errors(self) -> bool:
        return bool(self.reason) or any(found.severity == ERROR for found in self.findings)

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "grade": self.letter,
            "points": self.points,
            "operations": self.operation_count,
            "reason_code": self.reason_code,
            "reason": self.reason,
            "lost": dict(self.lost),
            "findings": [
                {
                    "rule": found.rule,
                    "severity": found.severity,
                    "pointer": found.pointer,
                    "message": found.message,
                }
                for found in self.findings
            ],
        }


def of_description(file: str, description: Description) -> Report:
    grading = description.grading
    return Report(
        file=file,
        letter=grading.letter,
        points=grading.points,
        operation_count=len(description.api.operations),
        findings=grading.findings,
        lost=grading.lost,
    )


def of_refusal(file: str, refusal: Refused) -> Report:
    return Report(file, "", 0, 0, (), (), reason_code=refusal.code, reason=str(refusal))


def as_text(report: Report) -> str:
    if report.reason:
        return f"{report.file}: {report.reason} ({report.reason_code})"
    lines = [
        f"{found.severity:<8}{found.rule:<32}{found.pointer or '/'}\n{'':8}{found.message}"
        for found in report.findings
    ]
    counts = Counter(found.severity for found in report.findings)
    lines += [f"-{points:>3}  {RULES[rule].title} ({rule})" for rule, points in report.lost]
    lines.append(
        f"{report.file}: grade {report.letter}, {report.points} of 100 points, "
        f"{counts[ERROR]} errors, {counts[WARNING]} warnings, {counts[INFO]} remarks."
    )
    return "\n".join(lines)


def as_sarif(report: Report) -> dict[str, Any]:
    results = [
        _result(report.file, found.rule, SARIF_LEVELS[found.severity], found.message, found.pointer)
        for found in report.findings
    ]
    if report.reason:
        results.append(_result(report.file, UNREADABLE, "error", report.reason, ""))
    rules = [
        {
            "id": rule,
            "shortDescription": {"text": stated.title},
            "defaultConfiguration": {"level": SARIF_LEVELS[stated.severity]},
        }
        for rule, stated in RULES.items()
    ]
    rules.append({"id": UNREADABLE, "shortDescription": {"text": "The document can be read"}})
    driver = {"name": "Meridian API rules", "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _result(file: str, rule: str, level: str, message: str, pointer: str) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": file}},
                "logicalLocations": [{"fullyQualifiedName": pointer or "/", "kind": "member"}],
            }
        ],
    }
