"""Looking into a file that strangers sent, in a process that may break without harm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings

from partners.evidence.kinds import FileRefused


def inspect_confined(file: IO[bytes], name: str) -> str:
    """Return the kind of the file, or raise `FileRefused` with the rule that it breaks.

    The process gets a descriptor of the file and reads by itself: nothing of it is held here.
    """
    with _on_disk(file) as real:
        told = _told(real, name)
    if "kind" in told:
        return told["kind"]
    raise FileRefused(told["why"], code=told["code"])


def _told(real: IO[bytes], name: str) -> dict[str, str]:
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [*_command(), name],
            cwd=settings.BASE_DIR,
            # Neither the database's address nor a key: what is read cannot ask for them.
            env={"PYTHONPATH": str(settings.BASE_DIR), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=real,
            capture_output=True,
            check=True,
            # Its own limit counts processor time; on a busy machine that takes longer on the clock.
            timeout=3 * settings.EVIDENCE_READ_SECONDS,
        )
        return dict(json.loads(done.stdout))
    except (subprocess.SubprocessError, json.JSONDecodeError) as error:
        why = "Looking into it takes more than one file may take."
        raise FileRefused(why, code="zip_bomb") from error


@contextmanager
def _on_disk(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give a small file that is still in memory a descriptor."""
    file.seek(0)
    try:
        descriptor = file.fileno()
    except (OSError, AttributeError):
        with TemporaryFile() as real:
            shutil.copyfileobj(file, real)
            real.seek(0)
            yield real
        return
    os.lseek(descriptor, 0, os.SEEK_SET)
    yield file


def _command() -> list[str]:
    limits = (settings.EVIDENCE_MEMORY_BYTES, settings.EVIDENCE_READ_SECONDS)
    return [sys.executable, "-m", "partners.evidence.cell", *map(str, limits)]
