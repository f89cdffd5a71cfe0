"""Rules about versions, about whom to ask, and about what will end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from catalog.rules.rulebook import Found
from catalog.specs.checks.normal import Normal, mapping, text
from catalog.specs.markdown import cut

_NUMBER = re.compile(r"v?(\d{1,4})(?:\.\d+){0,3}(?:[-+.]?[a-z]+[\w.+-]*)?", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?(?:[-.]?[a-z]+[\w.-]*)?", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"/v(\d{1,4})(?:\.\d+)*(?:/|$)", re.IGNORECASE)
_PARAMETERS = frozenset({"version", "api-version", "api_version", "apiversion", "x-api-version"})


def contact_missing(normal: Normal) -> Iterator[Found]:
    contact = mapping(mapping(normal.document.get("info")).get("contact"))
    if not (contact.get("email") or contact.get("url")):
        yield Found("contact-missing", "/info", "Name an address or a page where people can ask.")


def version_unclear(normal: Normal) -> Iterator[Found]:
    number = normal.parsed.number
    if not (_NUMBER.fullmatch(number) or _DATE.fullmatch(number)):
        message = f"“{cut(number, 60)}” does not say which version comes after which."
        yield Found("version-unclear", "/info/version", message)


def version_disagrees(normal: Normal) -> Iterator[Found]:
    stated = _NUMBER.fullmatch(normal.parsed.number)
    if stated is None or _DATE.fullmatch(normal.parsed.number):
        return
    for index, server in enumerate(normal.parsed.servers):
        in_address = _IN_ADDRESS.search(server["url"])
        if in_address and int(in_address[1]) != int(stated[1]):
            message = f"The address says v{in_address[1]}, the document {normal.parsed.number}."
            yield Found("version-disagrees", f"/servers/{index}/url", message)


def version_parameter(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        for pointer, parameter in one.parameters:
            name = text(parameter.get("name"))
            if text(parameter.get("in")) in {"query", "header"} and name.lower() in _PARAMETERS:
                message = f"{one.name} takes its version as {cut(name, 60)}."
                yield Found("version-parameter", pointer, message)


def deprecated_undated(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        if one.body.get("deprecated") is True and not _is_date(one.body.get("x-sunset")):
            message = "is deprecated, and does not say when it ends (x-sunset)."
            yield one.breach("deprecated-undated", message)


def _is_date(value: Any) -> bool:
    try:
        date.fromisoformat(text(value)[:10])
    except ValueError:
        return False
    return True


CHECKS: dict[str, Callable[[Normal], Iterator[Found]]] = {
    "contact-missing": contact_missing,
    "version-unclear": version_unclear,
    "version-disagrees": version_disagrees,
    "version-parameter": version_parameter,
    "deprecated-undated": deprecated_undated,
}
