"""Names for records that mean something about one customer to one application only.

`subject` is the application's name for the customer, which two applications do not share and which
stays when a customer stops and agrees anew. So does an alias, and it fits nobody else.
"""

from __future__ import annotations

import re

from portal import secrets

_LENGTH = 16


def alias(kind: str, reference: str, *, subject: str) -> str:
    """Return the name of a record, such as `rx_3f9a1c7be2d4a0b1`; no secret."""
    return f"{kind}_{secrets.digest(f'alias:{subject}:{kind}:{reference}')[:_LENGTH]}"


def looks_like_alias(kind: str, name: str) -> bool:
    """Whether it could be what `alias` calls a record for somebody."""
    return bool(re.fullmatch(rf"{kind}_[A-Za-z0-9_-]{{{_LENGTH}}}", name))
