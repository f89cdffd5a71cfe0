"""What the peers that draw a description in the browser are served: a page and their files."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

HERE = Path(__file__).parent / "peers" / "references"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An operation of the document, and words of its description that show that it can be read."""

    name: str
    tag: str
    method: str
    path: str
    words: str


@dataclass(frozen=True, slots=True)
class Peer:
    """`page` draws the document of `/document.json`; `link` leads from there to an operation."""

    name: str
    page: str
    link: str

    def address(self, base: str, wanted: Wanted) -> str:
        parts = {
            "tag": quote(wanted.tag),
            "name": wanted.name,
            "method": wanted.method.upper(),
            "path": wanted.path,
        }
        return f"{base}/{quote(self.name)}.html#{self.link.format(**parts)}"


_HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>A description</title>'
PEERS = (
    Peer(
        "Swagger UI",
        f"""{_HEAD}<link rel="stylesheet" href="/swagger-ui-dist/swagger-ui.css"><div id="it"></div>
<script src="/swagger-ui-dist/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({{url: "/document.json", dom_id: "#it", deepLinking: true}})</script>""",
        "/{tag}/{name}",
    ),
    Peer(
        "Redoc",
        f"""{_HEAD}<body><redoc spec-url="/document.json"></redoc>
<script src="/redoc/bundles/redoc.standalone.js"></script>""",
        "tag/{tag}/operation/{name}",
    ),
    Peer(
        "Scalar",
        f"""{_HEAD}<body><div id="it"></div>
<script src="/@scalar/api-reference/dist/browser/standalone.js"></script>
<script>Scalar.createApiReference("#it", {{url: "/document.json", telemetry: false}})</script>""",
        "tag/{tag}/{method}{path}",
    ),
)


def operations_of(document: dict[str, Any]) -> list[Wanted]:
    """Return the operations in the document's order, with the first words of what each does."""
    found = []
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method not in item:
                continue
            one = item[method]
            said = str(one.get("description") or one.get("summary") or "").split("\n")[0]
            words = " ".join(said.split()[:5])
            tag = (one.get("tags") or ["default"])[0]
            found.append(Wanted(_plain(str(one.get("operationId", ""))), tag, method, path, words))
    return found


def linkable(document: dict[str, Any]) -> bytes:
    """Return the document with names that every peer can link to: Swagger UI stops at a slash."""
    for item in document["paths"].values():
        for method in _METHODS:
            if "operationId" in item.get(method, {}):
                item[method]["operationId"] = _plain(item[method]["operationId"])
    return json.dumps(document, separators=(",", ":")).encode()


def _plain(name: str) -> str:
    return name.replace("/", "_")


def install() -> str:
    """Install the peers as their lock says; return why that was not possible, or nothing."""
    if not shutil.which("npm"):
        return "npm is not installed"
    command = ["npm", "ci", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund"]
    done = subprocess.run(
        [*command, "--silent"], cwd=HERE, capture_output=True, text=True, check=False, timeout=600
    )
    return f"npm ci failed: {done.stderr.strip()[-200:]}" if done.returncode else ""


@contextmanager
def shelf(document: Path) -> Iterator[str]:
    """Serve the pages of the peers on loopback, and nothing else of this machine."""
    made = {f"/{quote(peer.name)}.html": peer.page.encode() for peer in PEERS}
    made["/document.json"] = linkable(json.loads(document.read_text()))

    class Shelf(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(HERE / "node_modules"))

        def do_GET(self) -> None:
            body = made.get(self.path)
            if body is None:
                super().do_GET()
                return
            kind = "application/json" if self.path.endswith(".json") else "text/html"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def read_operations(document: Path) -> list[Wanted]:
    return operations_of(json.loads(document.read_text()))
