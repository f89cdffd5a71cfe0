"""The questionnaires that come with the portal: one JSON document each, in our own words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ONBOARDING = "onboarding"


def documents() -> Iterator[dict[str, Any]]:
    for path in sorted(Path(__file__).parent.glob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))
