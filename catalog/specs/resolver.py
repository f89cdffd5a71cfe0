"""References inside one document. Nothing outside of it is ever opened."""

from __future__ import annotations

from itertools import islice
from typing import Any
from urllib.parse import unquote

MAX_HOPS = 32
# How far a part is read that many others may share by reference.
MAX_READ = 200
MAX_MERGED = 2000


class Resolver:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._known: dict[str, Any] = {}
        # OpenAPI 3.2: the document's own address, by which it may refer to itself.
        own = document.get("$self")
        self._own = own.partition("#")[0] if isinstance(own, str) else ""

    def find(self, ref: str) -> Any:
        """Return what a local reference points to, or None."""
        if ref not in self._known:
            self._known[ref] = self._find(ref)
        return self._known[ref]

    def local(self, ref: str) -> str:
        """Return the reference without the document's own address in front of it."""
        address, mark, fragment = ref.partition("#")
        return f"#{fragment}" if self._own and address == self._own and mark else ref

    def follow(self, node: Any) -> Any:
        """Return the node, or what it refers to; None where that is missing or goes in circles.

        Keys that stand beside `$ref` (OpenAPI 3.1: summary, description) win over the target's.
        """
        beside: dict[str, Any] = {}
        for _ in range(MAX_HOPS):
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                break
            said = {key: node[key] for key in islice(node, MAX_READ) if key != "$ref"}
            beside = {**said, **beside}
            node = self.find(node["$ref"])
        else:
            return None
        if beside and isinstance(node, dict):
            return {**dict(islice(node.items(), MAX_MERGED)), **beside}
        return node

    def mapping(self, node: Any) -> dict[str, Any]:
        """Return the object that the node is or refers to, or an empty one."""
        found = self.follow(node)
        return found if isinstance(found, dict) else {}

    def _find(self, ref: str) -> Any:
        ref = self.local(ref)
        if is_external(ref):
            return None
        node: Any = self.document
        for step in steps_of(ref):
            if isinstance(node, dict) and step in node:
                node = node[step]
            elif isinstance(node, list) and step.isascii() and step.isdigit() and len(step) < 9:
                node = node[int(step)] if int(step) < len(node) else None
            else:
                return None
        return node


def is_external(ref: str) -> bool:
    return not ref.startswith("#")


def steps_of(ref: str) -> list[str]:
    """Return the steps of a JSON pointer in a URI fragment (RFC 6901 §6)."""
    if ref in {"#", ""}:
        return []
    steps = unquote(ref[1:]).split("/")
    # A fragment that does not begin with a slash is an anchor, which no real description uses.
    head, rest = steps[0], steps[1:]
    return [step.replace("~1", "/").replace("~0", "~") for step in (rest if not head else steps)]
