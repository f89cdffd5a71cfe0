"""The agreements that come with the portal, in our own words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CODES = ("terms", "data-protection")


def documents() -> Iterator[dict[str, Any]]:
    for code in CODES:
        path = Path(__file__).parent / f"{code}.json"
        yield json.loads(path.read_text(encoding="utf-8"))
