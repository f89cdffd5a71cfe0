"""A process for one document: whatever is in it ends here, by a limit or by a reason.

Run by `confinement` as a program of its own, without the framework, without the portal's settings
and secrets. The document comes in by standard input and what was read goes out by standard output.
"""

from __future__ import annotations

import ctypes
import pickle
import resource
import signal
import sys

from catalog.specs.reading import Description, read_description
from portal.errors import Refused

# The answer's file is larger than the document, but not endless.
MAX_ANSWER_BYTES = 300 * 1024 * 1024
_SET_PARENT_DEATH_SIGNAL = 1

Told = Description | tuple[str, str]


def main() -> None:
    memory, seconds, max_bytes = (int(argument) for argument in sys.argv[1:4])
    _confine(memory=memory, seconds=seconds)
    told = read(sys.stdin.buffer.read(max_bytes + 1), max_bytes=max_bytes)
    pickle.dump(told, sys.stdout.buffer, protocol=5)
    sys.stdout.buffer.flush()


def read(raw: bytes, *, max_bytes: int) -> Told:
    """Return the description, or the code and the words of the refusal."""
    try:
        return read_description(raw, max_bytes=max_bytes)
    except Refused as refusal:
        return refusal.code, str(refusal)
    except MemoryError:
        return "too_much_memory", "Reading it takes more memory than one document may."
    except RecursionError:
        return "too_deep", "The document is nested too deeply."


def _confine(*, memory: int, seconds: int) -> None:
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, MAX_ANSWER_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hardest = resource.getrlimit(what)
        bound = limit if hardest == resource.RLIM_INFINITY else min(limit, hardest)
        resource.setrlimit(what, (bound, bound))
    if sys.platform == "linux":
        # A worker that is killed takes its cell along.
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


if __name__ == "__main__":
    main()
