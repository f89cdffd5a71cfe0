"""Rich authorization requests (RFC 9396): single cases that a client asks for, and their limits.

A detail is a JSON object whose `type` the catalog knows; everything in it was shown to the person
who agreed to it, in the lines of its type.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn, Self

import jsonschema_rs

from catalog.scopes import telling
from consent.proofs.errors import InvalidRequest, OAuthError

MAX_CHARACTERS = 4096
MAX_DETAILS = 10
MAX_DEPTH = 8
# What every JSON reader keeps exactly (RFC 8785 §3.2.2.3).
MAX_INTEGER = 2**53 - 1


class InvalidDetails(OAuthError):
    """Not an array of details that their types allow (RFC 9396 §5)."""

    code = "invalid_authorization_details"


@dataclass(frozen=True, slots=True)
class DetailType:
    """A type as the catalog has it: `schema` is JSON Schema for all fields but `type`.

    `scope` is what a detail is a case of, `api` whose it is. Each line has a `label`, a `text` with
    places such as `{amount.value}`, and `words` for values.
    """

    name: str
    version: int
    title: str
    scope: str
    api: str
    schema: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail with its type pinned; `content` is the whole object as it came."""

    content: Mapping[str, Any]
    scope: str
    api: str
    version: int

    @property
    def type(self) -> str:
        return str(self.content["type"])

    def is_part_of(self, whole: Detail) -> bool:
        """Whether it allows no more than another detail of the same type and words."""
        pinned = (self.type, self.scope, self.api)
        return pinned == (whole.type, whole.scope, whole.api) and is_within(
            self.content, whole.content
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "content": dict(self.content),
            "scope": self.scope,
            "api": self.api,
            "version": self.version,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        return cls(**kept)


def read_details(text: str, *, types: Mapping[str, DetailType]) -> tuple[Detail, ...]:
    """Return the details of an `authorization_details` parameter, each once, in their order.

    `types` are those that this client may use, by name. Raises `InvalidRequest` for what is larger
    than anybody could read, and `InvalidDetails` for all that RFC 9396 §5 names: no array of
    objects, an unknown type or field, a missing field or a wrong value.
    """
    details: dict[str, Detail] = {}
    for place, entry in enumerate(parse_details(text)):
        kind = types.get(entry["type"])
        if kind is None:
            raise InvalidDetails(f"Detail {place}: this type is not one of yours.")
        _require_valid(entry, kind, place)
        detail = Detail(entry, scope=kind.scope, api=kind.api, version=kind.version)
        details.setdefault(canonical(entry), detail)
    return tuple(details.values())


def parse_details(text: str) -> list[dict[str, Any]]:
    """Return the objects of a parameter that is small, strict JSON; types are not looked up.

    Names given twice, fractions, numbers past 53 bits and texts with characters that nobody sees
    are refused, because two readers, or a person and a machine, could read them in two ways.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidRequest(f"authorization_details is longer than {MAX_CHARACTERS} characters.")
    try:
        entries = json.loads(
            text,
            object_pairs_hook=_once,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
            parse_int=_whole,
        )
    except RecursionError as error:
        raise InvalidRequest("authorization_details is nested too deeply.") from error
    except ValueError as error:
        raise InvalidDetails(f"authorization_details cannot be read: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise InvalidDetails("authorization_details is not an array of objects.")
    if len(entries) > MAX_DETAILS:
        raise InvalidRequest(f"authorization_details holds more than {MAX_DETAILS} details.")
    for place, entry in enumerate(entries):
        _require_depth(entry, MAX_DEPTH)
        if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
            raise InvalidDetails(f"Detail {place} is no object with a type.")
        if not _is_readable(entry):
            raise InvalidDetails(f"Detail {place} holds characters that nobody sees.")
    return entries


def canonical(value: Any) -> str:
    """Return the one spelling of a JSON value without fractions (RFC 8785, but for key order)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def narrowed(asked: Sequence[Detail], *, granted: Collection[Detail]) -> tuple[Detail, ...]:
    """Return what is asked for; raise `InvalidDetails` where it is more than was granted (§6.1)."""
    for place, detail in enumerate(asked):
        if not any(detail.is_part_of(whole) for whole in granted):
            raise InvalidDetails(f"Detail {place} is more than the customer allowed.")
    return tuple(asked)


def is_within(part: Any, whole: Any) -> bool:
    """Whether a value allows no more than another one.

    What a field means is its type's business, so only what is narrower for every type counts: the
    same value, a list with fewer entries but not none, an object with the same fields.
    """
    if isinstance(part, Mapping) and isinstance(whole, Mapping):
        return part.keys() == whole.keys() and all(
            is_within(value, whole[name]) for name, value in part.items()
        )
    if isinstance(part, list) and isinstance(whole, list):
        kept = {canonical(entry) for entry in whole}
        return bool(part or not whole) and all(canonical(entry) in kept for entry in part)
    return canonical(part) == canonical(whole)


def tell(detail: Detail, kind: DetailType) -> dict[str, Any]:
    """Return a detail as a person reads it: see `catalog.scopes.telling`."""
    return telling.tell(detail.content, title=kind.title, lines=kind.lines)


def contents(details: Iterable[Detail]) -> list[dict[str, Any]]:
    """Return the details as they go out to clients and APIs."""
    return [dict(detail.content) for detail in details]


def _require_valid(entry: Mapping[str, Any], kind: DetailType, place: int) -> None:
    fields = {name: value for name, value in entry.items() if name != "type"}
    error = next(iter(_validator(canonical(kind.schema)).iter_errors(fields)), None)
    if error is not None:
        where = ".".join(str(step) for step in error.instance_path)
        raise InvalidDetails(f"Detail {place}: {where or kind.name}: {_message(error)}")


def _message(error: jsonschema_rs.ValidationError) -> str:
    # The value itself is masked: it may be long, or be personal.
    return error.message[:200]


@lru_cache(maxsize=256)
def _validator(schema: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        json.loads(schema),
        retriever=_refuse,
        mask="this value",
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} was not opened.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_fraction(_: str) -> NoReturn:
    raise ValueError("numbers are whole; write amounts as texts")


def _whole(digits: str) -> int:
    # Counted first: reading a number takes time that grows with the square of its digits.
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise ValueError("a number is too large")
    return int(digits)


def _require_depth(value: Any, left: int) -> None:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if inner and not left:
        raise InvalidRequest("authorization_details is nested too deeply.")
    for each in inner:
        _require_depth(each, left - 1)


def _is_readable(value: Any) -> bool:
    """Whether each text prints as it stands: no controls, no invisible or turning characters."""
    if isinstance(value, dict):
        return all(_is_readable(name) and _is_readable(each) for name, each in value.items())
    if isinstance(value, list):
        return all(map(_is_readable, value))
    return not isinstance(value, str) or value.isprintable()
