"""One submission as PDF, CSV, JSON and OSCAL, all from the same snapshot."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings

from partners.dossiers.rows import Row, rows_of
from partners.questionnaires.models import Submission
from portal.ui.pdf import Code, Document, Heading, Paragraph, Terms, render
from portal.ui.spreadsheets import plain_cell

OSCAL_VERSION = "1.1.2"
_NO_TOKEN = re.compile(r"[^A-Za-z0-9._-]")


def as_pdf(submission: Submission) -> bytes:
    score, content = submission.score, submission.assignment.version.content
    blocks: list[Any] = [
        Terms(
            [
                ("Organisation", submission.assignment.organization.name),
                ("Questionnaire", f"{content.title}, version {_semver(submission)}"),
                ("Round", str(submission.round)),
                ("Sent", f"{submission.submitted_at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"),
                ("By", str(submission.submitted_by)),
                ("Controls in place", f"{score['percent']} %"),
            ]
        ),
        Paragraph(f"“{_statement(submission)}”"),
    ]
    section = ""
    for row in rows_of(submission):
        if row.section != section:
            section = row.section
            blocks.append(Heading(section))
        answer = "\n".join([row.words, *row.files])
        blocks.append(Terms([(f"{row.number} {row.text}", answer)]))
    blocks += [Heading("Fingerprint"), Code(submission.sha256)]
    return render(
        Document(
            title=f"{submission.assignment.organization.name}: {content.title}",
            language="en",
            written_at=submission.submitted_at,
            blocks=blocks,
            author="Meridian",
            footer=f"SHA-256 {submission.sha256[:16]}…",
        )
    )


def as_csv(submission: Submission) -> bytes:
    lines = io.StringIO()
    write = csv.writer(lines).writerow
    write(["Section", "Number", "Key", "Question", "Answer", "Files", "Controls"])
    for row in rows_of(submission):
        cells = [row.section, row.number, row.key, row.text, row.words]
        write([plain_cell(cell) for cell in [*cells, "; ".join(row.files), " ".join(row.controls)]])
    return lines.getvalue().encode("utf-8-sig")


def as_json(submission: Submission) -> bytes:
    """Return what the digest was made of, beside the digest and what was made of the answers."""
    document = {
        "snapshot": submission.snapshot,
        "sha256": submission.sha256,
        "statement_sha256": submission.statement_sha256,
        "submitted_at": submission.submitted_at.isoformat(),
        "scores": [one.result for one in submission.scores.order_by("engine")],
    }
    return _written(document)


def as_oscal(submission: Submission) -> bytes:
    """Return OSCAL assessment results: an observation for each answer, a finding for what fails.

    Ids are made from the submission, so the same submission is the same document.
    """
    rows = rows_of(submission)
    at = submission.submitted_at.astimezone(UTC).isoformat()
    controls = sorted({control for row in rows for control in row.controls})
    title = f"{submission.assignment.version.template} of {submission.assignment.organization}"
    result: dict[str, Any] = {
        "uuid": _uuid(submission, "result"),
        "title": f"{title}, round {submission.round}",
        "description": _statement(submission),
        "start": at,
        "reviewed-controls": {"control-selections": [_selection(controls)]},
        "observations": [_observation(submission, row, at) for row in rows],
    }
    if findings := [_finding(submission, row) for row in rows if row.knockout]:
        result["findings"] = findings
    return _written(
        {
            "assessment-results": {
                "uuid": _uuid(submission, "document"),
                "metadata": {
                    "title": title,
                    "last-modified": at,
                    "version": f"{_semver(submission)}-{submission.round}",
                    "oscal-version": OSCAL_VERSION,
                },
                "import-ap": {"href": f"#{_uuid(submission, 'plan')}"},
                "results": [result],
            }
        }
    )


WRITERS: dict[str, tuple[Callable[[Submission], bytes], str, str]] = {
    "pdf": (as_pdf, "application/pdf", "pdf"),
    "csv": (as_csv, "text/csv; charset=utf-8", "csv"),
    "json": (as_json, "application/json", "json"),
    "oscal": (as_oscal, "application/json", "oscal.json"),
}


def _selection(controls: Sequence[str]) -> dict[str, Any]:
    if not controls:
        return {"include-all": {}}
    return {"include-controls": [{"control-id": _token(control)} for control in controls]}


def _observation(submission: Submission, row: Row, at: str) -> dict[str, Any]:
    observation: dict[str, Any] = {
        "uuid": _uuid(submission, f"observation/{row.key}"),
        "title": f"{row.number} {row.text}",
        "description": row.words,
        "props": [{"name": "question-key", "value": row.key}],
        "methods": ["INTERVIEW"],
        "collected": at,
    }
    if row.files:
        observation["relevant-evidence"] = [{"description": name} for name in row.files]
    return observation


def _finding(submission: Submission, row: Row) -> dict[str, Any]:
    return {
        "uuid": _uuid(submission, f"finding/{row.key}"),
        "title": row.knockout,
        "description": f"{row.text} {row.words}",
        "target": {
            "type": "objective-id",
            "target-id": _token(row.controls[0] if row.controls else row.key),
            "status": {"state": "not-satisfied"},
        },
        "related-observations": [{"observation-uuid": _uuid(submission, f"observation/{row.key}")}],
    }


def _uuid(submission: Submission, what: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{settings.ISSUER}/submissions/{submission.sha256}/{what}"))


def _token(control: str) -> str:
    """Return a reference in the letters that OSCAL lets an id have."""
    return _NO_TOKEN.sub("_", control)


def _semver(submission: Submission) -> str:
    return str(submission.snapshot.get("semver", submission.snapshot["version"]))


def _statement(submission: Submission) -> str:
    return str(submission.snapshot.get("statement", "These answers were sent."))


def _written(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
