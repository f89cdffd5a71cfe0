"""OWASP ASVS as its flat JSON: one question for each requirement up to a level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partners.drafts.reading.keys import Keys, NotReadable
from partners.drafts.reading.plain import words_of

LEVELS = (1, 2, 3)
ATTRIBUTION = (
    "OWASP Application Security Verification Standard 5.0.0. Where its words are changed, the "
    "changed ones are under the same licence."
)
ANSWERS = [
    {"key": "yes", "label": "Yes", "score": 100},
    {"key": "part", "label": "In part", "score": 40},
    {"key": "no", "label": "No", "score": 0},
]


def read(document: Any, *, level: int = 1) -> dict[str, Any]:
    """Return a questionnaire with a section for each chapter that has a requirement."""
    if not isinstance(document, Mapping) or not isinstance(document.get("requirements"), list):
        raise NotReadable("This is no flat JSON of ASVS: it has no list of requirements.")
    keys = Keys()
    sections: dict[str, dict[str, Any]] = {}
    for raw in document["requirements"]:
        try:
            chapter, title = str(raw["chapter_id"]), str(raw["chapter_name"])
            control, words = str(raw["req_id"]), words_of(str(raw["req_description"]))
            is_wanted = int(raw["L"]) <= level
        except (KeyError, TypeError, ValueError) as error:
            raise NotReadable(f"A requirement has no {error}.") from error
        if is_wanted and words:
            section = sections.setdefault(
                chapter, {"code": keys.of(f"chapter {chapter}"), "title": title, "questions": []}
            )
            section["questions"].append(
                {
                    "key": keys.of(control),
                    "kind": "choice",
                    "weight": 1,
                    "text": words,
                    "choices": ANSWERS,
                    "na_allowed": True,
                    "control_refs": [f"ASVS-5.0:{control}"],
                }
            )
    if not sections:
        raise NotReadable("No requirement is of that level.")
    return {
        "code": f"asvs-level-{level}",
        "version": "5.0.0",
        "title": f"ASVS 5.0, level {level}",
        "licence": "CC BY-SA 4.0",
        "attribution": ATTRIBUTION,
        "sections": list(sections.values()),
    }
