"""What a call to the reference API brings along, read strictly."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from consent.gateway.answers import Answer
from portal.errors import Malformed

_DEFAULT_LIMIT = 20
_MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
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
            return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii"))
        except (ValueError, binascii.Error) as error:
            raise _malformed("cursor", "Use the next_cursor of the page before.") from error

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


def next_cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _malformed(name: str, hint: str) -> Malformed:
    return Malformed("A parameter or the body needs another look.", errors={name: [hint]})
