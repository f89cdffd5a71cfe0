"""Run a program with a test environment and engines: `python -m tests.with_engines manage.py …`."""

from __future__ import annotations

import os
import subprocess
import sys

import tests.engines  # noqa: F401 - starts the engines and sets the environment

if __name__ == "__main__":
    secure = {"PORTAL_ISSUER": "https://portal.example", "PORTAL_HOSTS": "portal.example"}
    environment = {**os.environ, **(secure if "--deploy" in sys.argv else {})}
    sys.exit(
        subprocess.run([sys.executable, *sys.argv[1:]], env=environment, check=False).returncode
    )
