"""Names for records that mean something to one application only: two cannot compare notes."""

from __future__ import annotations

from portal import secrets

_LENGTH = 12


def alias(prefix: str, pk: int, *, application_id: int) -> str:
    """Return the application's name for a record, such as `rx_3f9a1c7be2d4`; no secret."""
    return f"{prefix}_{secrets.digest(f'alias:{application_id}:{prefix}:{pk}')[:_LENGTH]}"
