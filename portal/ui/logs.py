"""What a log line may say about a request: never its query, which may hold a code."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

# A one-time link carries its key in the path.
_KEY_IN_PATH = re.compile(r"(?<=/accounts/password/new/)[^/\s]+")


def reduce_request(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Any:
    """Keep method and path of a request that a library hands over whole; drop a socket."""
    given = line.get("request")
    if given is not None and not isinstance(given, str):
        method, path = getattr(given, "method", None), getattr(given, "path", None)
        if path is None:
            del line["request"]
        else:
            line["request"] = f"{method} {path}"
    line.pop("server", None)
    for name, value in line.items():
        if isinstance(value, str):
            line[name] = _KEY_IN_PATH.sub("…", value)
    return line
