"""What a request wants beside scopes: APIs, single cases, and what becomes of an older grant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from consent.oauth.rar import Detail


@dataclass(frozen=True, slots=True)
class Wishes:
    """`resources` as in RFC 8707, `details` as in RFC 9396; the rest as in Grant Management §5."""

    resources: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()
    management: str = ""
    grant_id: str = ""

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes that the details are cases of: they are asked for with them."""
        return frozenset(detail.scope for detail in self.details)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        details = tuple(Detail.from_json(detail) for detail in kept.get("details", ()))
        return cls(**{**kept, "resources": tuple(kept.get("resources", ())), "details": details})
