"""How well a version is kept, as points out of 100. Pure: the page shows the same formula."""

from __future__ import annotations

from dataclasses import dataclass

DESCRIPTION, RULES, OWNER, CONTACT, DOCUMENTATION, CLASSES, IMPACT = 30, 30, 6, 4, 15, 8, 7
# What each rule that is broken takes of the points for rules, by its level as it is now.
PER_ERROR, PER_WARNING, PER_HINT = 6, 2, 0.5


@dataclass(frozen=True, slots=True)
class Signals:
    """`errors`, `warnings` and `hints` count rules that are broken, not places."""

    grade_points: int
    errors: int
    warnings: int
    hints: int
    has_owner: bool
    has_contact: bool
    described: float
    classified: float
    is_covered: bool


@dataclass(frozen=True, slots=True)
class Part:
    code: str
    title: str
    points: float
    most: int
    words: str

    @property
    def share(self) -> int:
        return round(self.points * 100 / self.most)


def parts_of(signals: Signals) -> tuple[Part, ...]:
    """Return what the score adds up from, each part between 0 and its most."""
    broken = PER_ERROR * signals.errors + PER_WARNING * signals.warnings + PER_HINT * signals.hints
    return (
        Part(
            "description",
            "The description",
            round(signals.grade_points * DESCRIPTION / 100, 1),
            DESCRIPTION,
            f"{DESCRIPTION} × the points of its grade ÷ 100",
        ),
        Part(
            "rules",
            "The rules",
            max(0.0, RULES - broken),
            RULES,
            f"{RULES}, less {PER_ERROR} for each rule of level error that is broken,"
            f" {PER_WARNING} for a warning and {PER_HINT} for a hint",
        ),
        Part(
            "owner",
            "The owner",
            OWNER * signals.has_owner + CONTACT * signals.has_contact,
            OWNER + CONTACT,
            f"{OWNER} for an owner, {CONTACT} for a contact or a page of support",
        ),
        Part(
            "documentation",
            "The documentation",
            round(DOCUMENTATION * signals.described, 1),
            DOCUMENTATION,
            f"{DOCUMENTATION} × the share of operations with a description",
        ),
        Part(
            "data",
            "The data",
            round(CLASSES * signals.classified, 1) + IMPACT * signals.is_covered,
            CLASSES + IMPACT,
            f"{CLASSES} × the share of fields whose class is known, and {IMPACT} where its privacy"
            " impact assessment is current, or nothing in it is personal",
        ),
    )


def score_of(signals: Signals) -> int:
    """Return the sum, rounded down: 100 means that nothing is missing."""
    return int(round(sum(part.points for part in parts_of(signals)), 1))
