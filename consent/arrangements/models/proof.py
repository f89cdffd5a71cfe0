"""What keeps proof as it was written."""

from __future__ import annotations

import pgtrigger

from portal.triggers import as_written, never_emptied


def immutable(name: str) -> list[pgtrigger.Trigger]:
    """Return the triggers that keep proof as it was written, and all of it."""
    return [as_written(name), never_emptied(f"{name}_kept", what="proof")]
