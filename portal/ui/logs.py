"""What a log line may say: where something happened and of what kind, never what was said.

Each line of each logger goes through `reduce_line`, the last step before it becomes JSON.

- A request is its method and path. The query may hold a code or a person's words.
- An exception is its class, its code and its frames. Its message is left out, whoever raised it:
  messages quote what they complain about (`Key (email)=(…) already exists`), and no filter knows
  every secret by its looks. Which of two faults it was, the code tells: that of a `Refused`,
  PostgreSQL's SQLSTATE, the name of an `errno`.
- What a task was given and what it returned is left out: Celery would quote both.
- As a second net, what looks like a token, an address or a query is taken out of all text.
"""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import date
from typing import Any
from uuid import UUID

from portal.errors import Refused

_MAX_TEXT = 4000
_MAX_DEPTH = 4
_MAX_ERRORS = 8
_MAX_FRAMES = 40
_SHAPES = (
    # A one-time link carries its key in the path.
    (re.compile(r"(?<=/accounts/password/new/)[^/\s]+"), "…"),
    # Codes, tokens and secrets of ours, and signed tokens of anybody's.
    (
        re.compile(r"(?<![A-Za-z0-9])(m(?:ac|at|rt|rs|dc|ia|ra|cp|in)_|whsec_|eyJ)[\w.+/=-]{6,}"),
        r"\1…",
    ),
    (re.compile(r"\b(Bearer|Basic|DPoP) +[\w.~+/=-]{8,}", re.IGNORECASE), r"\1 …"),
    (re.compile(r"(?<=://)[^/\s@]{1,200}@"), "…@"),
    (re.compile(r"[^\s@<>\"'()\[\]{}=:,;/]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), "…@…"),
    (re.compile(r"\?[^\s=\"'<>]{1,200}=[^\s\"'<>]*"), "?…"),
)
# A development server's socket, and what another handler's formatter left on the record.
_LEFT_OUT = ("server", "message", "asctime")
# Members of the context that Celery logs about a task, which quote its input and output.
_OF_TASKS = frozenset({"args", "kwargs", "traceback", "exc", "return_value"})
_CLASS_NAME = re.compile(r"[A-Za-z_][\w.]*(?=\()")


def reduce_line(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> Any:
    """Return the line with nothing in it but text, numbers, and lists and mappings of these.

    Expects the message unfilled, and what fills it in `positional_args`: one that does not fit its
    arguments stays unfilled, where the standard library would show both on stderr.
    """
    given = line.pop("positional_args", ())
    for name in _LEFT_OUT:
        line.pop(name, None)
    if str(line.get("logger", "")).startswith(("celery", "kombu")):
        line.pop("data", None)  # The arguments of the message, once more.
        given = _about_a_task(given)
    if not line.get("_from_structlog", True):
        line["event"] = _filled(line["_record"].msg, given)
    line["request"] = _request(line.get("request"))
    raised = list(_raised(line.pop("exc_info", None)))
    words = [text for error, _ in raised for text in _words(error)]
    for name in [name for name in line if not name.startswith("_")]:
        line[name] = _plain(line[name], words)
    if line["request"] is None:
        del line["request"]
    if raised:
        line["exception"] = [_told(error, trace) for error, trace in raised]
    return line


def _request(given: Any) -> str | None:
    """Return method and path; None for a socket, which some servers log in a request's place."""
    if given is None or isinstance(given, str):
        return given
    path = getattr(given, "path", None)
    return None if path is None else f"{getattr(given, 'method', None)} {path}"


def _about_a_task(given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    return {name: _outline(value) if name in _OF_TASKS else value for name, value in given.items()}


def _outline(value: Any) -> str:
    """Keep a count and the class of a quoted exception; Celery hands both over as text."""
    text = str(value)
    if text.isdigit() or text == "None":
        return text
    known = _CLASS_NAME.match(text)
    return known.group() if known else "…"


def _filled(message: Any, given: Any) -> Any:
    if not isinstance(message, str) or not given:
        return message
    try:
        return message % _arguments(given)
    except (TypeError, ValueError, KeyError):
        return message


def _arguments(given: Any) -> Any:
    if isinstance(given, Mapping):
        return {name: _argument(value) for name, value in given.items()}
    return tuple(_argument(value) for value in given)


def _argument(value: Any) -> Any:
    return _named(value) if isinstance(value, BaseException) else value


def _plain(value: Any, words: list[str], depth: int = 0) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, BaseException):
        return _named(value)
    if isinstance(value, str | date | UUID):
        return _without(str(value), words)
    if depth < _MAX_DEPTH and isinstance(value, Mapping):
        return {
            _without(str(name), words): _plain(one, words, depth + 1) for name, one in value.items()
        }
    if depth < _MAX_DEPTH and isinstance(value, list | tuple | set | frozenset):
        return [_plain(one, words, depth + 1) for one in value]
    return type(value).__name__


def _without(text: str, words: list[str]) -> str:
    """Take out an exception's own words, wherever a library repeats them, and known shapes."""
    text = text[:_MAX_TEXT]
    for one in words:
        text = text.replace(one, "…")
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def _words(error: BaseException) -> list[str]:
    """Return what the error says; a short word may stand in a line by right."""
    said = [str(error), *(one for one in error.args if isinstance(one, str))]
    return [text for text in said if len(text) >= 8]


def _raised(exc_info: Any) -> Iterator[tuple[BaseException, Any]]:
    """Yield the exception and what caused it or it came with, each with its traceback."""
    if exc_info is True:
        exc_info = sys.exc_info()
    if isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    if not isinstance(exc_info, tuple) or not isinstance(exc_info[1], BaseException):
        return
    waiting = [(exc_info[1], exc_info[2])]
    seen: set[int] = set()
    while waiting and len(seen) < _MAX_ERRORS:
        error, trace = waiting.pop(0)
        if id(error) in seen:
            continue
        seen.add(id(error))
        yield error, trace
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
        waiting += [(one, one.__traceback__) for one in (cause, *inner) if one is not None]


def _told(error: BaseException, trace: Any) -> dict[str, Any]:
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return {"type": _named(error), "frames": frames[-_MAX_FRAMES:]}


def _named(error: BaseException) -> str:
    """Return class and code, such as `partners.webhooks.sending.Unreachable [unreachable]`."""
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    code = _code_of(error)
    return f"{name} [{code}]" if code else name


def _code_of(error: BaseException) -> str:
    if isinstance(error, Refused):
        return error.code
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno or 0, "")
    state = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) and len(state) == 5 and state.isalnum() else ""
