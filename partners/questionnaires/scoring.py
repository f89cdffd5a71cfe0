"""What the answers say about the risk, with every part of the sum.

Each weighed question that is asked can earn its weight; a choice earns a share of it. The share of
all that could be earned gives a tier, and an answer that rules approval out makes it Severe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from partners.questionnaires.content import Content, Question
from partners.questionnaires.visibility import Value

ENGINE = 1
TIERS = ((85, 1), (70, 2), (50, 3), (0, 4))
WORDS = {
    1: "Controls are in place; little is left to chance.",
    2: "Most controls are in place; a few need a look.",
    3: "Several controls are missing; two people decide.",
    4: "Something essential is missing; two people decide.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A section's share of the sum, in hundredths of a weight."""

    code: str
    title: str
    earned: int
    possible: int

    @property
    def percent(self) -> int:
        return self.earned * 100 // self.possible if self.possible else 100


@dataclass(frozen=True, slots=True)
class Score:
    percent: int
    tier: int
    words: str
    parts: tuple[Part, ...]
    knockouts: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "engine": ENGINE,
            "percent": self.percent,
            "tier": self.tier,
            "words": self.words,
            "parts": [
                {
                    "code": part.code,
                    "title": part.title,
                    "earned": part.earned,
                    "possible": part.possible,
                    "percent": part.percent,
                }
                for part in self.parts
            ],
            "knockouts": [{"key": key, "why": why} for key, why in self.knockouts],
        }


def score(content: Content, answers: Mapping[str, Value]) -> Score:
    """Weigh the answers to the questions that are asked; the same answers give the same score."""
    asked = set(content.visible(answers))
    parts = []
    for section in content.sections:
        weighed = [q for q in section.questions if q.key in asked and q.weight]
        if weighed:
            parts.append(
                Part(
                    section.code,
                    section.title,
                    sum(_earned(question, answers.get(question.key)) for question in weighed),
                    sum(question.weight * 100 for question in weighed),
                )
            )
    earned, possible = sum(part.earned for part in parts), sum(part.possible for part in parts)
    percent = earned * 100 // possible if possible else 100
    knockouts = tuple(
        (question.key, choice.knockout)
        for question in content.questions
        if question.key in asked
        for choice in question.chosen(answers.get(question.key))
        if choice.knockout
    )
    tier = 4 if knockouts else next(tier for least, tier in TIERS if percent >= least)
    return Score(percent, tier, WORDS[tier], tuple(parts), knockouts)


def _earned(question: Question, value: Value | None) -> int:
    return question.weight * min(100, sum(choice.score for choice in question.chosen(value)))
