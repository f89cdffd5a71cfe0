"""What was sent, as every export tells it: from the snapshot and the version that it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partners.questionnaires.models import Submission
from partners.questionnaires.values import Value


@dataclass(frozen=True, slots=True)
class Row:
    """A question that was asked. `words` is its answer as people read it, `value` as it is kept."""

    section: str
    number: str
    key: str
    text: str
    words: str
    value: Value | None
    na_reason: str
    files: Sequence[str]
    controls: Sequence[str]
    knockout: str


def rows_of(submission: Submission) -> list[Row]:
    snapshot, content = submission.snapshot, submission.assignment.version.content
    answers = snapshot["answers"]
    reasons, files = snapshot.get("not_applicable", {}), snapshot.get("files", {})
    visible = set(content.visible(answers))
    rows = []
    for section in content.sections:
        for question in section.questions:
            if question.key not in visible:
                continue
            value, reason = answers.get(question.key), reasons.get(question.key, "")
            chosen = question.chosen(value)
            rows.append(
                Row(
                    section=section.title,
                    number=question.number,
                    key=question.key,
                    text=question.text,
                    words=f"Does not apply: {reason}" if reason else question.in_words(value),
                    value=value,
                    na_reason=reason,
                    files=[
                        f"{one['name']} ({one['sha256']})" for one in files.get(question.key, [])
                    ],
                    controls=question.control_refs,
                    knockout=" ".join(choice.knockout for choice in chosen if choice.knockout),
                )
            )
    return rows


def _file(sent: Mapping[str, str]) -> str:
    return f"{sent['name']} (SHA-256 {sent['sha256']})"
