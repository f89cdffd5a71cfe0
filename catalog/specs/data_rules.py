"""What a description says about data, and whether its words mean something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.rules.rulebook import Found
from catalog.scopes.depths import DEPTHS
from catalog.scopes.reveals import is_transform
from catalog.specs.loader import pointer_of, walk
from catalog.specs.markdown import cut
from catalog.specs.parser import ParsedApi
from catalog.specs.yaml_reader import escaped

PERSONAL = DEPTHS["personal"]


def data_rules(
    document: dict[str, Any], shown: dict[str, Any], parsed: ParsedApi
) -> Iterator[Found]:
    """Yield each word about data that means nothing, and each answer that nothing protects."""
    clusters = _clusters(shown.get("x-portal"))
    permissions = {code for codes in clusters.values() for code in codes}
    for node, trail in walk(document):
        if isinstance(node, dict):
            for word, message in _misused(node, clusters, permissions):
                yield Found(_RULES[word], f"{pointer_of(trail)}/{word}", message)
    for operation in parsed.operations:
        if operation.depth >= PERSONAL and not operation.scopes:
            message = f"{operation.method} {operation.path} reveals personal data without a scope."
            pointer = f"/paths/{escaped(operation.path)}/{operation.method.lower()}"
            yield Found("data-open", pointer, message)


_RULES = {
    "x-data-class": "data-class-unknown",
    "x-data-cluster": "data-cluster-unknown",
    "x-data-transform": "data-transform-unknown",
    "x-data-permission": "data-permission-unknown",
}


def _misused(
    node: Mapping[str, Any], clusters: Mapping[str, set[str]], permissions: set[str]
) -> Iterator[tuple[str, str]]:
    depth = node.get("x-data-class")
    if depth is not None and not (isinstance(depth, str) and depth in DEPTHS):
        yield "x-data-class", "x-data-class is public, internal, personal or sensitive."
    cluster = node.get("x-data-cluster")
    if cluster is not None and str(cluster) not in clusters:
        yield "x-data-cluster", f"The cluster {cut(str(cluster), 80)} is not in x-portal."
    transform = node.get("x-data-transform")
    if transform is not None and not (isinstance(transform, str) and is_transform(transform)):
        yield "x-data-transform", f"Nothing can be shown as {cut(str(transform), 80)}."
    permission = node.get("x-data-permission")
    if permission is not None and str(permission) not in permissions:
        yield "x-data-permission", f"No cluster has the permission {cut(str(permission), 80)}."


def _clusters(portal: Any) -> dict[str, set[str]]:
    """Return the codes of the clusters, and those of the permissions of each."""
    entries = portal.get("clusters") if isinstance(portal, dict) else None
    return {
        str(entry.get("code")): {
            str(permission.get("code"))
            for permission in _list(entry.get("permissions"))
            if isinstance(permission, dict)
        }
        for entry in _list(entries)
        if isinstance(entry, dict)
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
