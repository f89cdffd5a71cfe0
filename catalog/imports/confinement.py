"""Reading a document that strangers wrote, in a process that may break without harm."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import is_dataclass
from functools import cache
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, Any, get_args, get_type_hints

from django.conf import settings

from catalog.specs.reading import Description
from portal.errors import Refused


class TooMuch(Refused):
    code = "too_much_memory"


class NoLongerWanted(Exception):
    """It was cancelled, or another worker has it now."""


def read_confined(raw: bytes, *, is_wanted: Callable[[], bool] = lambda: True) -> Description:
    """Return what the document describes; raises `Refused` with the reason why not.

    `is_wanted` is asked every second; when it says no, the reading is ended.
    """
    with TemporaryFile() as given, TemporaryFile() as answer:
        given.write(raw)
        given.seek(0)
        _run(given, answer, is_wanted=is_wanted)
        answer.seek(0)
        try:
            told = _Unpickler(answer).load()
        except (pickle.UnpicklingError, EOFError, AttributeError, TypeError) as error:
            raise TooMuch("Reading it broke off before its end.", code="reading_broke") from error
    if isinstance(told, Description):
        return told
    code, reason = told
    raise Refused(str(reason), code=str(code))


def _run(given: IO[bytes], answer: IO[bytes], *, is_wanted: Callable[[], bool]) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own program
        _command(),
        cwd=settings.BASE_DIR,
        # Neither the database's address nor a key: what is read cannot ask for what is not there.
        env={"PYTHONPATH": str(settings.BASE_DIR), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        stdin=given,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Its own limit counts processor time; on a busy machine that takes longer on the clock.
    ends_at = monotonic() + 2 * settings.SPEC_READ_SECONDS
    try:
        while True:
            try:
                status = process.wait(1)
                break
            except subprocess.TimeoutExpired as still:
                if not is_wanted():
                    raise NoLongerWanted from still
                if monotonic() > ends_at:
                    raise TooMuch(_TOO_SLOW, code="too_slow") from still
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if status in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise TooMuch(_TOO_SLOW, code="too_slow")
    if status:
        raise TooMuch("Reading it takes more memory than one document may.")


def _command() -> list[str]:
    limits = (settings.SPEC_MEMORY_BYTES, settings.SPEC_READ_SECONDS, settings.SPEC_MAX_BYTES)
    return [sys.executable, "-m", "catalog.imports.cell", *map(str, limits)]


_TOO_SLOW = "Reading it takes more time than one document may."


class _Unpickler(pickle.Unpickler):
    """Takes our own values and nothing else: a document never chooses what is called."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _expected():
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not expected here.")


@cache
def _expected() -> frozenset[tuple[str, str]]:
    """Return the classes that a description is made of, by module and name."""
    found: set[type] = set()
    waiting: list[Any] = [Description]
    while waiting:
        hint = waiting.pop()
        if is_dataclass(hint) and isinstance(hint, type) and hint not in found:
            found.add(hint)
            waiting += get_type_hints(hint).values()
        waiting += get_args(hint)
    return frozenset((one.__module__, one.__qualname__) for one in found)
