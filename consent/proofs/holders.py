"""Which keys a caller holds, and what only their holder may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Holder:
    """The keys that a caller showed it holds, as base64url SHA-256; empty where none was shown.

    `jkt` is the key of its DPoP proof (RFC 9449 §6.1), `x5t_s256` its certificate (RFC 8705 §3.1).
    """

    jkt: str = ""
    x5t_s256: str = ""

    def __bool__(self) -> bool:
        return bool(self.jkt or self.x5t_s256)


class BoundToKeys(Protocol):
    """A token that is bound to those keys; both are empty where anybody may use it."""

    jkt: str
    x5t_s256: str
