"""Form-encoded parameters, read strictly: what two readers could read in two ways is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from consent.proofs.errors import InvalidRequest

MAX_FIELDS = 40
# Room for a pushed request object; everything shorter has its own limit where it is read.
MAX_VALUE_LENGTH = 4096
# What proves who sends it; checked first and never kept.
PROOFS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})
# Parameters that may come several times (RFC 8707 §2); their values hold no spaces.
LISTS = frozenset({"resource"})
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Parameters:
    """Each parameter's value, without the empty ones (RFC 6749 §3.1), and the repeated names."""

    values: Mapping[str, str]
    repeated: frozenset[str] = frozenset()

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    def once(self, name: str) -> str:
        """Return the value of a parameter that decides where the answer goes."""
        if name in self.repeated:
            raise InvalidRequest(f"{name} may be there only once.")
        return self.get(name)

    def require_single(self) -> None:
        if self.repeated:
            names = ", ".join(sorted(self.repeated))
            raise InvalidRequest(f"May be there only once: {names}.")


def read_parameters(raw: str) -> Parameters:
    """Parse a query string or form body; raise `InvalidRequest` for what is not one."""
    if not raw.isascii() or _BROKEN_ESCAPE.search(raw):
        raise InvalidRequest("The request is not form-encoded.")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise InvalidRequest("The request is not form-encoded UTF-8.") from error
    values: dict[str, str] = {}
    repeated = set()
    for name, value in pairs:
        if len(value) > MAX_VALUE_LENGTH or len(name) > 100:
            raise InvalidRequest("A parameter is too long.")
        if "\x00" in value or not name.isprintable():
            raise InvalidRequest("A parameter holds characters that mean nothing.")
        if name in values and name in LISTS:
            values[name] = f"{values[name]} {value}"
            continue
        if name in values:
            repeated.add(name)
        values[name] = value
    given = {name: value for name, value in values.items() if value}
    return Parameters(given, frozenset(repeated))
