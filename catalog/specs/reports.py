"""What a check found, as text and as JSON; `sarif.py` has the third form."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from catalog.rules.agreed import Agreed
from catalog.rules.rulebook import ERROR, INFO, OFF, RULES, WARNING, Found
from catalog.specs.reading import Description
from portal.errors import Refused

WORDS = {ERROR: "error", WARNING: "warning", INFO: "hint"}


@dataclass(frozen=True, slots=True)
class Report:
    """`agreed` says which rules count otherwise here; findings of those that are off are kept."""

    file: str
    letter: str
    points: int
    operation_count: int
    findings: tuple[Found, ...]
    lost: tuple[tuple[str, int], ...]
    reason_code: str = ""
    reason: str = ""
    agreed: Agreed = field(default_factory=Agreed)

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.agreed.level_of(found.rule) for found in self.findings)

    @property
    def shown(self) -> list[tuple[str, Found]]:
        leveled = [(self.agreed.level_of(found.rule), found) for found in self.findings]
        return [(level, found) for level, found in leveled if level != OFF]

    @property
    def has_errors(self) -> bool:
        return self.fails(on=ERROR)

    def fails(self, *, on: str) -> bool:
        """Say whether a build stops: a document that cannot be read always stops it."""
        stopping = {ERROR} if on == ERROR else {ERROR, WARNING} if on == WARNING else set[str]()
        return bool(self.reason) or any(self.counts[level] for level in stopping)

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
                    "number": RULES[found.rule].name,
                    "severity": level,
                    "pointer": found.pointer,
                    "line": found.line,
                    "message": found.message,
                }
                for level, found in self.shown
            ],
            "switched_off": self.counts[OFF],
            "notes": list(self.agreed.notes),
        }


def of_description(file: str, description: Description, *, agreed: Agreed | None = None) -> Report:
    grading = description.grading
    return Report(
        file=file,
        letter=grading.letter,
        points=grading.points,
        operation_count=len(description.api.operations),
        findings=grading.findings,
        lost=grading.lost,
        agreed=agreed or Agreed(),
    )


def of_refusal(file: str, refusal: Refused) -> Report:
    return Report(file, "", 0, 0, (), (), reason_code=refusal.code, reason=str(refusal))


def as_text(report: Report) -> str:
    if report.reason:
        return f"{report.file}: {report.reason} ({report.reason_code})"
    lines = [
        f"{report.file}:{found.line or 1}  {WORDS[level]}  {RULES[found.rule].name} {found.rule}\n"
        f"    {found.message}\n"
        f"    at {found.pointer or '/'}"
        for level, found in report.shown
    ]
    lines += [f"-{points:>3}  {RULES[rule].title} ({rule})" for rule, points in report.lost]
    lines += [f"note: {note}" for note in report.agreed.notes]
    counts = report.counts
    lines.append(
        f"{report.file}: grade {report.letter}, {report.points} of 100 points, "
        f"{counts[ERROR]} errors, {counts[WARNING]} warnings, {counts[INFO]} hints"
        + (f", {counts[OFF]} switched off." if counts[OFF] else ".")
    )
    return "\n".join(lines)
