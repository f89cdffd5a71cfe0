"""The partner's software: openid-client in a Node process that obeys one JSON line at a time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


class ClientError(Exception):
    """What the library threw; `told` has its name, code and the server's `error`."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(f"{told.get('code')} {told.get('error')}: {told.get('message')}")
        self.told = told


class Software:
    def __init__(self) -> None:
        self.process = subprocess.Popen(
            ["node", "client.mjs"],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, name: str, **given: Any) -> Any:
        """Let the library do one thing; return its answer or raise `ClientError`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"name": name, **given}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "The client died."
        answer = json.loads(line)
        if "error" in answer:
            raise ClientError(answer["error"])
        return answer["ok"]

    def refused(self, name: str, **given: Any) -> str:
        """Return the code of the server's refusal, or the library's own where it saw a fault."""
        with pytest.raises(ClientError) as caught:
            self(name, **given)
        told = caught.value.told
        return str(told.get("error") or told.get("code"))

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()


def require_openid_client() -> None:
    """Skip where Node or the library is not installed; in CI that is a failure."""
    if shutil.which("node") and (HERE / "node_modules" / "openid-client").is_dir():
        return
    if os.environ.get("PORTAL_REQUIRE_ENGINES"):
        pytest.fail("Node or openid-client is not installed, and here they must be.")
    pytest.skip("Node or openid-client is not installed: left out (npm ci in tests/conformance)")
