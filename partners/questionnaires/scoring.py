"""What the answers say about the risk, with every part of the sum.

Each weighed question that is asked and applies can earn its weight; a choice earns a share of it.
The share of all that could be earned is how much of the controls is in place. Together with what
the partner can reach it gives a tier; an answer that rules approval out makes it Severe.

Another way to work it out is another ENGINE: old scores stay, and say by which they were made.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from partners.questionnaires.content import Content, Question, Section
from partners.questionnaires.exposure import Exposure
from partners.questionnaires.values import Value

ENGINE = 2
# From this share of controls on, the tier that the answers alone would give.
TIERS = ((85, 1), (70, 2), (50, 3), (0, 4))
# How much of the harm good controls can take away, in percent.
REACH_OF_CONTROLS = 70
MOST_NOT_APPLICABLE = 25
WORDS = {
    1: "Controls are in place; little is left to chance.",
    2: "Most controls are in place; a few need a look.",
    3: "Much could happen, or several controls are missing; two people decide.",
    4: "Something essential is missing, or very much could happen; two people decide.",
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

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title,
            "earned": self.earned,
            "possible": self.possible,
            "percent": self.percent,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """`doubts` are sections of which so much does not apply that somebody should ask why."""

    percent: int
    tier: int
    words: str
    parts: tuple[Part, ...]
    knockouts: tuple[tuple[str, str], ...]
    exposure: Exposure = field(default_factory=Exposure)
    doubts: tuple[str, ...] = ()

    @property
    def residual(self) -> float:
        """Return the points that are left once the controls have taken away what they can."""
        left = self.exposure.points * (100 * 100 - REACH_OF_CONTROLS * self.percent)
        return round(left / (100 * 100), 1)

    def as_json(self) -> dict[str, Any]:
        return {
            "engine": ENGINE,
            "percent": self.percent,
            "tier": self.tier,
            "words": self.words,
            "parts": [part.as_json() for part in self.parts],
            "knockouts": [{"key": key, "why": why} for key, why in self.knockouts],
            "inherent": self.exposure.points,
            "inherent_tier": self.exposure.tier,
            "inherent_parts": [list(part) for part in self.exposure.parts],
            "residual": self.residual,
            "doubts": list(self.doubts),
        }


def score(
    content: Content,
    answers: Mapping[str, Value],
    *,
    not_applicable: Collection[str] = (),
    exposure: Exposure | None = None,
) -> Score:
    """Weigh the answers to what is asked and applies; the same input gives the same score."""
    asked = set(content.visible(answers))
    applies = asked.difference(not_applicable)
    parts = []
    for section in content.sections:
        weighed = [q for q in section.questions if q.key in applies and q.weight]
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
        if question.key in applies
        for choice in question.chosen(answers.get(question.key))
        if choice.knockout
    )
    exposure = exposure or Exposure()
    by_answers = next(tier for least, tier in TIERS if percent >= least)
    tier = 4 if knockouts else max(by_answers, exposure.tier)
    doubts = tuple(s.title for s in content.sections if _is_doubtful(s, asked, not_applicable))
    return Score(percent, tier, WORDS[tier], tuple(parts), knockouts, exposure, doubts)


def _earned(question: Question, value: Value | None) -> int:
    chosen = question.chosen(value)
    if isinstance(value, dict):  # A table: the mean of its rows.
        return question.weight * sum(choice.score for choice in chosen) // len(question.rows)
    return question.weight * min(100, sum(choice.score for choice in chosen))


def _is_doubtful(section: Section, asked: Collection[str], left_out: Collection[str]) -> bool:
    keys = [question.key for question in section.questions if question.key in asked]
    count = sum(key in left_out for key in keys)
    return count * 100 > MOST_NOT_APPLICABLE * len(keys)
