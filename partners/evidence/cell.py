"""A process for one file: whatever is in it ends here, by a limit or by a reason.

Run by `confinement` as a program of its own, without the framework, without the portal's settings
and secrets. The file is its standard input; what it is, or why it is refused, is a line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys

from partners.evidence.inspection import inspect
from portal.errors import Refused


def main() -> None:
    memory, seconds, name = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    sys.stdout.write(json.dumps(told(name)))
    sys.stdout.flush()


def told(name: str) -> dict[str, str]:
    try:
        return {"kind": inspect(sys.stdin.buffer, name)}
    except Refused as refusal:
        return {"code": refusal.code, "why": str(refusal)}
    except MemoryError:
        return {"code": "zip_bomb", "why": "Looking into it takes more memory than one file may."}


if __name__ == "__main__":
    main()
