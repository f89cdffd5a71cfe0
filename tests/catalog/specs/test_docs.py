from __future__ import annotations

import re
from pathlib import Path

from catalog.specs.rules import RULES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "importing.md"


def test_the_page_about_importing_lists_the_rules_as_they_are():
    told = re.findall(r"^\| `([a-z-]+)` .* \| (\w+) \| (\d+) \|$", PAGE.read_text(), re.MULTILINE)

    assert set(told) == {(name, rule.severity, str(rule.weight)) for name, rule in RULES.items()}
