"""The single cases that an arrangement is limited to, in the words of their types' versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from catalog.scopes.models import DetailType
from catalog.scopes.telling import tell


def told_by_scope(details: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return each case as a person reads it, by the name of the scope that it is a case of.

    One statement where there is any, none otherwise.
    """
    kept = list(details)
    names = {detail["content"]["type"] for detail in kept}
    types = (
        {(kind.name, kind.version): kind for kind in DetailType.objects.filter(name__in=names)}
        if names
        else {}
    )
    told: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for detail in kept:
        kind = types[detail["content"]["type"], detail["version"]]
        said = tell(detail["content"], title=kind.title, lines=kind.lines)
        told[detail["scope"]].append(said | {"authorization_detail": detail["content"]})
    return dict(told)
