"""The groups that operations stand in, as OpenAPI 3.2 lets a document name and nest them."""

from __future__ import annotations

from itertools import islice
from typing import Any

from catalog.specs.markdown import cut
from catalog.specs.resolver import MAX_READ

MAX_TAGS = 2000
MAX_ABOVE = 5
# Other kinds of tags, such as badges and audiences, say something else than where to look.
_GROUPING = frozenset({"", "nav"})


class Tags:
    def __init__(self, document: dict[str, Any]) -> None:
        stated = document.get("tags")
        tags = islice(stated, MAX_TAGS) if isinstance(stated, list) else ()
        self._known = {
            one["name"]: one
            for one in tags
            if isinstance(one, dict) and isinstance(one.get("name"), str)
        }

    def group_of(self, operation: dict[str, Any]) -> str:
        """Return the label of the first tag that groups, behind those of the tags above it."""
        stated = operation.get("tags")
        for name in stated[:MAX_READ] if isinstance(stated, list) else ():
            if isinstance(name, str) and self._said(name, "kind") in _GROUPING:
                return cut(self._label(name), 80)
        return ""

    def _label(self, name: str) -> str:
        labels: list[str] = []
        seen: set[str] = set()
        while name and name not in seen and len(labels) < MAX_ABOVE:
            seen.add(name)
            labels.insert(0, self._said(name, "summary") or name)
            name = self._said(name, "parent")
        return " › ".join(labels)

    def _said(self, name: str, word: str) -> str:
        said = self._known.get(name, {}).get(word)
        return said.strip() if isinstance(said, str) else ""
