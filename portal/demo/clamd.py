"""clamd from the system's packages, for the demo and the tests: private, small, without a download.

Its only signature is made here: the test file of EICAR, which every scanner takes for a virus. A
deployment names its own clamd, which keeps its signatures fresh, with CLAMD_URL.
"""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from portal.demo.engines import EngineError
from portal.demo.services import Service

# In hex, so that no scanner takes this file for one.
EICAR = (
    "58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e44415244"
    "2d414e544956495255532d544553542d46494c452124482b482a"
)
_START_SECONDS = 60


def start_clamd(environment: Mapping[str, str], *, home: Path, sockets: Path) -> Service | None:
    """Start a scanner on a socket of its own, or return None where there is none."""
    binary = program()
    if binary is None:
        return None
    signatures = home / "clamd"
    signatures.mkdir(parents=True, exist_ok=True, mode=0o700)
    know(signatures, "Test.EICAR", EICAR)
    configuration = signatures / "clamd.conf"
    configuration.write_text(_configuration(signatures, sockets))
    path(sockets).unlink(missing_ok=True)
    command = [binary, "-c", str(configuration)]
    service = Service.start("clamd", command, environment=environment, home=home)
    _wait_until_it_listens(service, sockets)
    return service


def program() -> str | None:
    return shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def path(sockets: Path) -> Path:
    return sockets / "clamd.sock"


def url(sockets: Path) -> str:
    return f"unix://{path(sockets)}"


def know(signatures: Path, name: str, pattern: str) -> None:
    """Write a signature: these bytes, as hex, anywhere in a file of any kind."""
    (signatures / f"{name}.ndb").write_text(f"{name}:0:*:{pattern}\n")


def _configuration(signatures: Path, sockets: Path) -> str:
    return "\n".join(
        [
            f"LocalSocket {path(sockets)}",
            "LocalSocketMode 600",
            "FixStaleSocket yes",
            f"DatabaseDirectory {signatures}",
            f"TemporaryDirectory {signatures}",
            "Foreground yes",
            "StreamMaxLength 30M",
            "MaxThreads 2",
            "AlertEncrypted yes",
            "AlertExceedsMax yes",
            "ConcurrentDatabaseReload no",
            "",
        ]
    )


def _wait_until_it_listens(service: Service, sockets: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            try:
                probe.connect(str(path(sockets)))
            except OSError as error:
                if not service.is_running or time.monotonic() > end:
                    raise EngineError("clamd did not start; its log says why.") from error
                time.sleep(0.05)
            else:
                return
