"""Whoever calls an endpoint: which client it has proved to be, and which keys it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partners.applications.models import Client

if TYPE_CHECKING:
    from consent.oauth.models import AccessToken


@dataclass(frozen=True, slots=True)
class Holder:
    """The keys that a caller showed it holds, as base64url SHA-256; empty where none was shown.

    `jkt` is the key of its DPoP proof (RFC 9449 §6.1), `x5t_s256` its certificate (RFC 8705 §3.1).
    """

    jkt: str = ""
    x5t_s256: str = ""

    def __bool__(self) -> bool:
        return bool(self.jkt or self.x5t_s256)


@dataclass(frozen=True, slots=True)
class Caller:
    client: Client
    holder: Holder = Holder()
    # Whether it reads a signed answer rather than a plain one (RFC 9701 §4).
    wants_signature: bool = False
    # The access token that it asks about, of whichever client.
    token: AccessToken | None = None
