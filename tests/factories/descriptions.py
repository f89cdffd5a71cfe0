"""The descriptions of our own APIs, as the demo and the sandbox read them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from catalog.scopes.vocabulary import Vocabulary, read_vocabulary
from portal import sandbox

FOLDER = Path(sandbox.__file__).parent / "descriptions"


class Description:
    def __init__(self, path: Path) -> None:
        self.raw = path.read_bytes()
        self.document: dict[str, Any] = yaml.safe_load(self.raw)
        self.slug: str = self.document["x-portal"]["slug"]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return read_vocabulary(self.document["x-portal"])

    @cached_property
    def operations(self) -> dict[str, tuple[str, str, dict[str, Any]]]:
        """Map each operationId to its path, its method and what is said about it."""
        return {
            operation["operationId"]: (path, verb.upper(), operation)
            for path, item in self.document["paths"].items()
            for verb, operation in item.items()
            if verb != "parameters"
        }

    def resolved(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.resolved(value) for value in node]
        if not isinstance(node, dict):
            return node
        if reference := node.get("$ref"):
            target: Any = self.document
            for step in reference.removeprefix("#/").split("/"):
                target = target[step]
            beside = {key: value for key, value in node.items() if key != "$ref"}
            return {**self.resolved(target), **self.resolved(beside)}
        return {key: self.resolved(value) for key, value in node.items()}


DESCRIPTIONS = {path.name: Description(path) for path in sorted(FOLDER.glob("*.yaml"))}
