"""One function for each rule of governance: a normalised document in, breaches out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from catalog.rules.rulebook import Found
from catalog.specs.checks import (
    data,
    lists,
    names,
    personal,
    protection,
    refusals,
    scopes,
    versions,
)
from catalog.specs.checks.normal import Normal
from catalog.specs.parser import ParsedApi

Check = Callable[[Normal], Iterator[Found]]

CHECKS: Mapping[str, Check] = MappingProxyType(
    names.CHECKS
    | versions.CHECKS
    | protection.CHECKS
    | refusals.CHECKS
    | lists.CHECKS
    | data.CHECKS
    | personal.CHECKS
    | scopes.CHECKS
)


def breaches(shown: dict[str, Any], parsed: ParsedApi) -> Iterator[Found]:
    """Yield what breaks a rule in a document that reads like OpenAPI 3."""
    normal = Normal(shown, parsed)
    for check in CHECKS.values():
        yield from check(normal)
