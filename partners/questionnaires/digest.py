from __future__ import annotations

import hashlib
import json


def digest_of(document: object) -> str:
    """Return the SHA-256 of a document in its one spelling: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
