"""JSON as people write it by hand: comments, texts joined with “+”, a comma too many."""

from __future__ import annotations

import json
import re
from typing import Any

from partners.drafts.reading.keys import NotReadable

MAX_BYTES = 5_000_000
# A text, which stays as it is, or what JSON does not know outside of texts.
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*[\]}])', re.DOTALL)
_JOINED = re.compile(r'"\s*\+\s*"')


def loads(body: bytes) -> Any:
    if len(body) > MAX_BYTES:
        raise NotReadable("The file is larger than 5 MB.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotReadable("The file is not UTF-8.") from error
    strict = _attempt(text)
    if strict is not None:
        return strict
    # Comments first: a comma before one is the last of its list only once it is gone.
    without = _TOKEN.sub(_texts_alone, _JOINED.sub("", _TOKEN.sub(_texts_alone, text)))
    loose = _attempt(without)
    if loose is None:
        raise NotReadable("The file is no JSON, not even loosely.")
    return loose


def _attempt(text: str) -> Any | None:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _texts_alone(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else " "
