"""The examples of the rules, completed to whole documents."""

from __future__ import annotations

import re

_BEFORE = {
    "openapi": "openapi: 3.1.0",
    "info": "info: { title: Parcels, version: 1.0.0, description: Where parcels are. }",
    "servers": "servers: [{ url: https://api.parcels.example/v1 }]",
    "paths": "paths: {}",
}


def complete(example: str) -> bytes:
    """Return the example as a document: what it does not say itself is said in the usual way."""
    said = set(re.findall(r"^\ufeff?([a-z]+):", example, re.MULTILINE))
    if "openapi" in said:
        return example.encode()
    before = [line for key, line in _BEFORE.items() if key not in said]
    return ("\n".join(before) + "\n" + example).encode()
