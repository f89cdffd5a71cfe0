"""The arithmetic of the seals: event leaves, a Merkle root for each batch, batches in a chain.

Leaves and nodes are hashed apart, as in RFC 6962 §2.1, so that no node can pass for a leaf; the
third prefix keeps a link of the chain from passing for either.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence

LEAF, NODE, LINK = b"\x00", b"\x01", b"\x02"
BEGINNING = "0" * 64
_ENTRY = struct.Struct(">q32s")


def leaf_of(columns: Mapping[str, object]) -> bytes:
    """Return the hash of one event's stored columns, whatever order they come in."""
    canonical = json.dumps(columns, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(LEAF + canonical.encode()).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the leaves in their order.

    Pairing neighbours and carrying an odd one up gives the same tree as the definition by halves.
    """
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        paired = [
            hashlib.sha256(NODE + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def link(previous_root: str, entries: Sequence[tuple[int, bytes]]) -> str:
    """Return the root of a seal, 64 hex digits: the batch's tree, its ids and all seals before."""
    ids = b"".join(struct.pack(">q", event_id) for event_id, _ in entries)
    tree = merkle_root([leaf for _, leaf in entries])
    return hashlib.sha256(LINK + bytes.fromhex(previous_root) + ids + tree).hexdigest()


def pack(entries: Iterable[tuple[int, bytes]]) -> bytes:
    """Return the ids and leaves of a batch as they are kept, 40 bytes for each event."""
    return b"".join(_ENTRY.pack(event_id, leaf) for event_id, leaf in entries)


def unpack(packed: bytes) -> list[tuple[int, bytes]]:
    """Undo `pack`; a remainder that is no entry is left out, and so shows in the root."""
    whole = len(packed) - len(packed) % _ENTRY.size
    return list(_ENTRY.iter_unpack(packed[:whole]))
