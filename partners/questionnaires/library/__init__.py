"""The questionnaires that come with the portal: one JSON document each, in our own words.

They name controls of ASVS 5.0, the API Security Top 10 of 2023 and SSDF 1.1 by their ids alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Twelve, forty and ninety questions: the more a partner could do, the more we ask.
ONBOARDING, STANDARD, EXTENDED = "onboarding", "standard", "extended"
BY_TIER = {1: ONBOARDING, 2: STANDARD, 3: EXTENDED, 4: EXTENDED}


def document(code: str) -> dict[str, Any]:
    path = Path(__file__).parent / f"{code}.json"
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def documents() -> Iterator[dict[str, Any]]:
    for code in (ONBOARDING, STANDARD, EXTENDED):
        yield document(code)
