"""What a privacy impact assessment asks, in a fixed order; codes are kept, words may grow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Question:
    code: str
    text: str
    hint: str


class Level(StrEnum):
    """How likely a harm is, and how bad it would be."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


QUESTIONS = (
    Question(
        "why",
        "What do customers gain from this API?",
        "Name the thing that they can do with an app afterwards and cannot do today.",
    ),
    Question(
        "whose",
        "Whose data is it, and who among them needs more care?",
        "Children, patients, people who cannot easily say no.",
    ),
    Question(
        "least",
        "Why is each of these fields needed, and what was left out?",
        "Think of a yes or no, a total, a month or a masked value in place of the value itself.",
    ),
    Question(
        "who_receives",
        "Who may receive it, and how do you know that they keep their word?",
        "Partners, their processors, countries. Which checks come before the first call?",
    ),
    Question(
        "how_long",
        "How long may it be kept, and why not shorter?",
        "The longest period of each kind of data, and what happens to it afterwards.",
    ),
    Question(
        "control",
        "How do customers see, change and stop this?",
        "The words on their screen, and what happens to a call after they have stopped.",
    ),
    Question(
        "asked",
        "Whom did you ask, and what did they say?",
        "Customers, the people who run the service, the security officer.",
    ),
)
CODES = tuple(question.code for question in QUESTIONS)
MAX_ANSWER = 2_000
MAX_RISKS = 12


@dataclass(frozen=True, slots=True)
class Risk:
    """What could go wrong for people, how likely and how bad, and what is done about it."""

    what: str
    likelihood: Level
    harm: Level
    measure: str

    @property
    def rank(self) -> int:
        """Return 1 to 9: likelihood times harm, before the measure."""
        order = list(Level)
        return (order.index(self.likelihood) + 1) * (order.index(self.harm) + 1)

    def as_json(self) -> dict[str, str]:
        return {
            "what": self.what,
            "likelihood": self.likelihood.value,
            "harm": self.harm.value,
            "measure": self.measure,
        }

    @classmethod
    def from_json(cls, row: dict[str, str]) -> Risk:
        return cls(row["what"], Level(row["likelihood"]), Level(row["harm"]), row["measure"])
