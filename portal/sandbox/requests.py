"""What a call to the reference API brings along, read strictly."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from consent.gateway.answers import Answer
from consent.gateway.projection import raw_pointers
from portal.errors import Malformed

_DEFAULT_LIMIT = 20
_MAX_LIMIT = 100
_MAX_OFFSET = 1_000_000
# What a page says of itself; records have no such fields.
_OF_THE_PAGE = frozenset({"/next_cursor", "/total"})


class FieldNotConsented(Malformed):
    """A field to sort, filter or expand by that is not shared, or is not there: both look alike."""

    code = "field_not_consented"

    def __init__(self) -> None:
        super().__init__(
            "You may sort, filter and expand only by what the customer shares as it is."
        )


@dataclass(frozen=True)
class SandboxRequest:
    """`parameters` are those of the query, each once; `answer` says who calls and for whom."""

    method: str
    path: str
    parameters: dict[str, str]
    body: bytes
    answer: Answer

    @property
    def customer_id(self) -> int:
        return self.answer.customer_id or 0

    @property
    def application_id(self) -> int:
        return self.answer.application_id

    @cached_property
    def raw(self) -> frozenset[str] | None:
        """Return the pointers of what may be seen as it is; None where nothing is left out."""
        return None if self.answer.fields is None else raw_pointers(self.answer.fields)

    @cached_property
    def shown(self) -> tuple[str, ...] | None:
        """Return what may be seen and is asked for; None where nothing is left out.

        The parameter `fields` names fields of a record, as in `medicine.name`; `medicine` is all
        inside it and `*` all that may be seen. A name adds nothing, whatever it names.
        """
        asked, allowed = self.parameters.get("fields"), self.answer.fields
        if asked is None or allowed is None:
            return allowed
        names = [f"/{name.strip().replace('.', '/')}" for name in asked.split(",")]
        return tuple(text for text in allowed if "/*" in names or _is_named(text, names))

    def limit(self) -> int:
        value = self.parameters.get("limit", str(_DEFAULT_LIMIT))
        if not value.isascii() or not value.isdigit() or not 1 <= int(value[:6]) <= _MAX_LIMIT:
            raise _malformed("limit", f"Between 1 and {_MAX_LIMIT}.")
        return int(value)

    def offset(self) -> int:
        """Return where the page begins: the cursor is ours, and opaque to the caller."""
        cursor = self.parameters.get("cursor", "")
        if not cursor:
            return 0
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
            offset = int(raw[:12])
        except (ValueError, binascii.Error):
            offset = -1
        if not 0 <= offset <= _MAX_OFFSET:
            raise _malformed("cursor", "Use the next_cursor of the page before.")
        return offset

    def choice(self, name: str, choices: list[str]) -> str | None:
        value = self.parameters.get(name)
        if value is not None and value not in choices:
            raise _malformed(name, f"One of {', '.join(choices)}.")
        return value

    def day(self, name: str) -> date | None:
        value = self.parameters.get(name)
        try:
            return date.fromisoformat(value) if value is not None else None
        except ValueError as error:
            raise _malformed(name, "A date such as 2026-03-12.") from error

    def members(self, *known: str) -> dict[str, str]:
        """Return the members of a JSON object body, all of them known and text."""
        try:
            body: Any = json.loads(self.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise Malformed("The body is not JSON.") from error
        if not isinstance(body, dict):
            raise Malformed("The body is not a JSON object.")
        for name, value in body.items():
            if name not in known:
                raise _malformed(name, "Not a member of this body.")
            if not isinstance(value, str) or "\x00" in value:
                raise _malformed(name, "Text.")
        return body


def _is_named(text: str, names: list[str]) -> bool:
    pointer = text.partition(";")[0]
    if pointer in _OF_THE_PAGE:
        return True
    inside = pointer.removeprefix("/items/*")
    return any(inside == name or inside.startswith(f"{name}/") for name in names)


def next_cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _malformed(name: str, hint: str) -> Malformed:
    return Malformed("A parameter or the body needs another look.", errors={name: [hint]})
