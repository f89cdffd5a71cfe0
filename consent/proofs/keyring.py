"""The public keys by which a client may prove who it is and sign what it asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consent.proofs import jwks_uri
from consent.proofs.errors import InvalidClient
from partners.applications.models import Client
from portal import jwks
from portal.jose import PublicKey
from portal.jwks import InvalidKeys


def keys_of(client: Client, header: Mapping[str, Any], *, at: datetime) -> tuple[PublicKey, ...]:
    """Return the client's keys that may have made a signature with this header.

    Registered here, or at the address that the client registered. Raises `InvalidClient` where
    there are none, `StoreAway` where they cannot be asked for.
    """
    if client.client_jwks_uri:
        return jwks_uri.keys_of(str(client.client_id), client.client_jwks_uri, header=header, at=at)
    if client.client_jwks is None:
        raise InvalidClient("This client has not registered a key.")
    try:
        return jwks.select(jwks.read_jwks(client.client_jwks), header)
    except InvalidKeys as error:
        raise InvalidClient(f"The client's keys cannot be used. {error}") from error
