"""Words that are spelled nearly so. Pure: an index of spellings, and how far two words are apart.

PostgreSQL comes without pg_trgm in the wheel that the tests and the demo start, so the words of the
catalog are kept under what is left of their beginning when letters are missing: two words that
differ by up to two letters there share at least one spelling.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

# Only the beginning is spelled out; what follows is compared when few words are left.
BEGINNING = 7
SHORTEST, LONGEST = 4, 24


def spellings(word: str) -> list[str]:
    """Return the beginning of the word with up to two of its letters left out."""
    start = word[:BEGINNING]
    most = 1 if len(start) < 6 else 2
    found = {
        "".join(letter for place, letter in enumerate(start) if place not in left_out)
        for count in range(most + 1)
        for left_out in combinations(range(len(start)), count)
    }
    return sorted(found)


def allowance(word: str) -> int:
    """Return how many slips a word of this length may hold and still be meant."""
    return 0 if len(word) < SHORTEST else 1 if len(word) < 7 else 2


def nearest(typed: str, words: Iterable[str], *, most: int = 3) -> list[str]:
    """Return the words that were probably meant: of those within the allowance the nearest.

    What was typed may be the beginning of a word: people stop when they see what they look for.
    """
    ranked = sorted(
        (min(distance(typed, word), distance(typed, word[: len(typed)]) + 0.5), len(word), word)
        for word in words
    )
    limit = min(allowance(typed), ranked[0][0] if ranked else 0) + 0.5
    return [word for far, _, word in ranked if far <= limit][:most]


def distance(one: str, other: str) -> int:
    """Return how many letters are wrong, missing, superfluous or swapped with their neighbour."""
    if abs(len(one) - len(other)) > 3:
        return abs(len(one) - len(other))
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cost = min(
                last[column] + 1,
                line[column - 1] + 1,
                last[column - 1] + (letter != against),
            )
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
