"""nginx: each `location` that passes calls on, with what its server and itself apply."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import crossplane

from catalog.inventory.gateways.routes import (
    MAX_ROUTES,
    ConfigurationInvalid,
    Policy,
    Served,
    in_order,
)

Block = list[dict[str, Any]]
_PASSES = frozenset({"proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass"})
_MEANING = {
    "auth_request": Policy.DECISION,
    "auth_jwt": Policy.TOKEN,
    "limit_req": Policy.RATE,
    "limit_conn": Policy.CONNECTIONS,
    "allow": Policy.NETWORK,
    "deny": Policy.NETWORK,
    "client_max_body_size": Policy.SIZE,
    "sub_filter": Policy.TRANSFORM,
    "body_filter_by_lua_file": Policy.TRANSFORM,
    "body_filter_by_lua_block": Policy.TRANSFORM,
}


def read_nginx(text: str) -> list[Served]:
    """Return the routes of a whole configuration, or of the part with the `server` blocks."""
    found = [route for block in _servers(_parsed(text)) for route in _routes(block)]
    return found[:MAX_ROUTES]


def _parsed(text: str) -> Block:
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "nginx.conf"
        path.write_text(text)
        # One file: what it includes is on another machine.
        answer = crossplane.parse(
            str(path), single=True, check_ctx=False, check_args=False, catch_errors=True
        )
    if answer["errors"]:
        line = answer["errors"][0].get("line")
        raise ConfigurationInvalid(f"nginx could not read this: see line {line or 'unknown'}.")
    return list(answer["config"][0]["parsed"])


def _servers(block: Block) -> Iterator[Block]:
    for line in block:
        if line["directive"] == "server" and line.get("block") is not None:
            yield line["block"]
        elif line["directive"] == "http":
            yield from _servers(line.get("block", []))


def _routes(server: Block) -> Iterator[Served]:
    hosts = _arguments(server, "server_name") or ["*"]
    shared = _policies(server)
    if any("ssl" in line["args"] for line in server if line["directive"] == "listen"):
        shared.add(Policy.TLS)
    if "on" in _arguments(server, "ssl_verify_client"):
        shared.add(Policy.CERTIFICATE)
    for path, policies in _locations(server, shared):
        for host in hosts:
            yield Served(host, path, in_order(policies))


def _locations(block: Block, above: set[Policy]) -> Iterator[tuple[str, set[Policy]]]:
    for line in block:
        if line["directive"] != "location":
            continue
        inside = line.get("block", [])
        policies = above | _policies(inside)
        if "off" in _arguments(inside, "auth_request"):
            policies.discard(Policy.DECISION)
        passes = any(one["directive"] in _PASSES for one in inside)
        path = line["args"][-1] if line["args"] else ""
        is_internal = any(one["directive"] == "internal" for one in inside)
        if passes and path.startswith("/") and not is_internal:
            yield path, policies
        yield from _locations(inside, policies)


def _policies(block: Block) -> set[Policy]:
    found = {_MEANING[line["directive"]] for line in block if line["directive"] in _MEANING}
    headers = [line["args"][0].lower() for line in block if line["directive"] == "add_header"]
    if any(name.startswith("access-control-") for name in headers):
        found.add(Policy.CORS)
    return found


def _arguments(block: Block, directive: str) -> list[str]:
    return [word for line in block if line["directive"] == directive for word in line["args"]]
