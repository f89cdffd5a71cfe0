"""Whoever calls an endpoint: which client it has proved to be, and what it asks about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consent.proofs.holders import Holder
from partners.applications.models import Client

if TYPE_CHECKING:
    from consent.oauth.models import AccessToken
    from consent.oauth.standing import Standing


@dataclass(frozen=True, slots=True)
class Caller:
    client: Client
    holder: Holder = field(default_factory=Holder)
    # Whether it reads a signed answer rather than a plain one (RFC 9701 §4).
    wants_signature: bool = False
    # The access token that it asks about, of whichever client.
    token: AccessToken | None = None
    # What is known of the client, where not all of it was read for this request.
    standing: Standing | None = None
