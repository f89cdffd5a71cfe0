"""What a difference between two descriptions means to who calls the API: numbered, with its why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a difference is told; the order is the order on a page."""

    BREAKING = "breaking"
    CARE = "care"
    ADDED = "added"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Rule:
    """`sentence` is filled with subject, before and after. Numbers are never given anew."""

    number: str
    code: str
    level: Level
    sentence: str
    why: str

    @property
    def in_general(self) -> str:
        """Return what changed without naming it, for the list of all rules."""
        said = self.sentence.format(subject="it", before="A", after="B")
        return f"{said[0].upper()}{said[1:]}"


# One row each: number, code, sentence, why.
_Row = tuple[int, str, str, str]

_BREAKING: tuple[_Row, ...] = (
    (1, "operation-removed", "The operation was removed.", "Every call to it fails."),
    (2, "parameter-removed", "{subject} is no longer read.", "What is sent in it does nothing."),
    (
        3,
        "parameter-added-required",
        "{subject} must be sent now.",
        "A call without it is refused, and every call until now was without it.",
    ),
    (
        4,
        "parameter-made-required",
        "{subject} was optional and must be sent now.",
        "A call without it is refused.",
    ),
    (5, "body-added", "A body must be sent now.", "A call without one is refused."),
    (6, "body-made-required", "The body was optional and must be sent now.",
     "A call without one is refused."),
    (7, "request-field-removed", "{subject} is no longer read.",
     "What is sent in it does nothing, or is refused."),
    (8, "request-field-added-required", "{subject} must be sent now.",
     "A call without it is refused, and every call until now was without it."),
    (9, "request-field-made-required", "{subject} was optional and must be sent now.",
     "A call without it is refused."),
    (10, "request-type-narrowed", "{subject} takes {after}, no longer {before}.",
     "A value that was right until now is refused."),
    (11, "request-enum-narrowed", "{subject} no longer takes {before}.",
     "A value that was right until now is refused."),
    (12, "request-limit-tightened", "{subject} takes less: {after}, before {before}.",
     "A value that was right until now may be refused."),
    (13, "request-null-refused", "{subject} may no longer be null.",
     "Who sent null to say nothing is refused."),
    (14, "request-media-type-removed", "A body in {before} is no longer read.",
     "Who sends it is refused."),
    (15, "response-field-removed", "{subject} is no longer answered.",
     "A program that reads it finds nothing there."),
    (16, "response-field-made-optional", "{subject} may be missing from the answer now.",
     "A program that counts on it finds nothing there at times."),
    (17, "response-field-made-nullable", "{subject} may be null now.",
     "A program that counts on a value finds none at times."),
    (18, "response-type-changed", "{subject} is {after} now, before {before}.",
     "A program reads a value of a kind that it does not know."),
    (19, "response-media-type-removed", "The answer no longer comes in {before}.",
     "Who asks for it gets another format or none."),
    (20, "response-status-removed", "The answer {before} is no longer given.",
     "A program that waits for it takes another answer for a failure."),
    (21, "security-added", "A token is needed now: {after}.", "A call without one is refused."),
    (22, "security-way-removed", "{before} no longer opens it.",
     "Who calls in this way is refused."),
    (23, "scope-added", "The scope {after} is needed too.",
     "Tokens without it are refused, and customers may have to agree anew."),
    (24, "retention-shortened", "{subject} may be kept {after}, before {before}.",
     "What was kept lawfully until now has to be deleted sooner."),
)  # fmt: skip

_CARE: tuple[_Row, ...] = (
    (25, "response-enum-widened", "{subject} may be {after} too.",
     "A program that knows every value meets one that it does not know."),
    (26, "response-limit-loosened", "{subject} may hold more: {after}, before {before}.",
     "A program that made room for less may cut it off."),
    (27, "pattern-changed", "{subject} has another pattern: {after}, before {before}.",
     "Whether the new one takes less cannot be told by comparing; try your values."),
    (28, "format-changed", "{subject} is written as {after}, before {before}.",
     "A program that reads or writes the old form may not understand the new one."),
    (29, "default-changed", "Without {subject}, {after} is meant, before {before}.",
     "The same call means something else."),
    (30, "operation-id-changed", "The operation is called {after}, before {before}.",
     "Programs made from the description call it by its name."),
    (31, "operation-deprecated", "The operation is deprecated.",
     "It works, and nobody should begin with it."),
    (32, "field-deprecated", "{subject} is deprecated.",
     "It works, and nobody should begin with it."),
    (33, "retention-lengthened", "{subject} may be kept {after}, before {before}.",
     "Customers agreed to the shorter time, so those who agreed before keep it."),
    (34, "data-class-changed", "{subject} counts as {after}, before {before}.",
     "What a partner must do to protect it follows from its class."),
    (35, "data-cluster-changed", "{subject} belongs to {after}, before {before}.",
     "A customer agrees to groups of data: another group needs another agreement."),
    (36, "path-prefix-changed", "All paths begin with {after}, before {before}.",
     "The same operation has another address."),
    (37, "body-removed", "A body is no longer read.", "What is sent in it does nothing."),
    (38, "response-header-removed", "The header {before} is no longer sent with the answer.",
     "A program that reads it finds nothing there."),
)  # fmt: skip

_ADDED: tuple[_Row, ...] = (
    (39, "operation-added", "The operation is new.", "Nobody called it until now."),
    (40, "parameter-added", "{subject} may be sent.", "Who does not send it notices nothing."),
    (41, "parameter-made-optional", "{subject} need not be sent.",
     "Who sends it notices nothing."),
    (42, "body-added-optional", "A body may be sent.", "Who sends none notices nothing."),
    (43, "body-made-optional", "The body need not be sent.", "Who sends it notices nothing."),
    (44, "request-field-added", "{subject} may be sent.",
     "Who does not send it notices nothing."),
    (45, "request-field-made-optional", "{subject} need not be sent.",
     "Who sends it notices nothing."),
    (46, "request-type-widened", "{subject} takes {after} too.",
     "What was right until now stays right."),
    (47, "request-enum-widened", "{subject} takes {after} too.",
     "What was right until now stays right."),
    (48, "request-limit-loosened", "{subject} takes more: {after}, before {before}.",
     "What was right until now stays right."),
    (49, "request-null-taken", "{subject} may be null.", "Who sends a value notices nothing."),
    (50, "request-media-type-added", "A body in {after} is read too.",
     "Who sends another format notices nothing."),
    (51, "response-field-added", "{subject} is answered.",
     "Programs leave alone what they do not know."),
    (52, "response-field-made-required", "{subject} is always in the answer.",
     "Who was ready for its absence notices nothing."),
    (53, "response-type-narrowed", "{subject} is always {after}, before {before}.",
     "Who was ready for more notices nothing."),
    (54, "response-enum-narrowed", "{subject} is never {before} any more.",
     "Who was ready for it notices nothing."),
    (55, "response-limit-tightened", "{subject} holds less: {after}, before {before}.",
     "Who made room for more notices nothing."),
    (56, "response-null-ended", "{subject} is never null any more.",
     "Who was ready for null notices nothing."),
    (57, "response-media-type-added", "The answer comes in {after} too.",
     "Who asks for another format notices nothing."),
    (58, "response-status-added", "The answer {after} may be given.",
     "Programs treat an answer that they do not know as its hundred."),
    (59, "response-header-added", "The header {after} is sent with the answer.",
     "Programs leave alone what they do not know."),
    (60, "security-removed", "No token is needed any more, before {before}.",
     "Who sends one notices nothing."),
    (61, "security-way-added", "{after} opens it too.", "Who calls as before notices nothing."),
    (62, "scope-removed", "The scope {before} is no longer needed.",
     "Tokens that carry it still open it."),
    (63, "no-longer-deprecated", "{subject} is no longer deprecated.", "It may be begun with."),
)  # fmt: skip

_WORDS: tuple[_Row, ...] = (
    (64, "words-changed", "The words about {subject} changed.", "Nothing that is sent changes."),
)


def _numbered() -> Iterator[Rule]:
    levels = {
        Level.BREAKING: _BREAKING,
        Level.CARE: _CARE,
        Level.ADDED: _ADDED,
        Level.WORDS: _WORDS,
    }
    for level, rows in levels.items():
        for number, code, sentence, why in rows:
            yield Rule(f"CH{number:03}", code, level, sentence, why)


RULES: Mapping[str, Rule] = {rule.code: rule for rule in _numbered()}
