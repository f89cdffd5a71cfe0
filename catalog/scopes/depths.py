"""How deep data goes, by the names that descriptions use. `models.Depth` says it to people."""

from __future__ import annotations

from collections.abc import Mapping

DEPTHS: Mapping[str, int] = {"public": 1, "internal": 2, "personal": 3, "sensitive": 4}
