"""Documents that somebody wrote to break the reader, each with what becomes of it."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from tests.catalog.specs.documents import api, raw

OUTSIDE = (
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:6379/",
    "http://[::1]/",
    "http://2130706433/",
    "https://kestrel.example/schemas.json#/Person",
    "//kestrel.example/schemas.json",
    "../../../../etc/passwd",
)
YAML = b"openapi: 3.1.0\ninfo: {title: Things, version: '1'}\npaths: {}\n"


@dataclass(frozen=True)
class Document:
    """`code` is why it is turned away; an empty one says that it is read all the same."""

    name: str
    body: bytes
    code: str = ""
    rules: tuple[str, ...] = ()


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("api.json", b" " * 30_000_000)
    return packed.getvalue()


def _laughs() -> bytes:
    lines = [b"a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    for level in range(1, 12):
        aliases = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} [{aliases}]".encode())
    return YAML + b"\n".join(lines)


def _entities(wrapper: str) -> bytes:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;&b;&b;</x>'
    described = json.dumps(bomb)
    if wrapper == "yaml":
        return YAML + f"x-xml: {described}\n".encode()
    return raw(api(info={"title": "People", "version": "1", "description": bomb}))


def _with(**parts: Any) -> bytes:
    return raw(api(**{"x-portal": None, **parts}))


def _referring(ref: str) -> bytes:
    answer = {"description": "ok", "content": {"application/json": {"schema": {"$ref": ref}}}}
    return _with(paths={"/people": {"get": {"responses": {"200": answer}}, "$ref": ref}})


def _cycles() -> bytes:
    schemas = {
        "A": {"$ref": "#/components/schemas/B"},
        "B": {"$ref": "#/components/schemas/A"},
        "C": {"allOf": [{"$ref": "#/components/schemas/C"}], "properties": {"c": {"$ref": "#"}}},
    }
    content = {
        kind: {"schema": {"$ref": f"#/components/schemas/{name}"}}
        for kind, name in (("application/json", "C"), ("text/plain", "A"))
    }
    paths = {
        "/a": {"get": {"responses": {"200": {"description": "ok", "content": content}}}},
        "/b": {"$ref": "#/paths/~1b"},
    }
    return _with(paths=paths, components={"schemas": schemas})


def _shared(count: int, operation: dict[str, Any], **parts: Any) -> bytes:
    """Return a document in which every path refers to the same operation."""
    item = {"$ref": "#/components/pathItems/One"}
    paths = {f"/p{number}": item for number in range(count)}
    components = {"pathItems": {"One": {"get": operation}}, **parts}
    return _with(paths=paths, components=components)


def _wide_answers() -> bytes:
    wide = {f"field{number}": {"type": "string"} for number in range(150)}
    content = {"application/json": {"schema": {"properties": wide}}}
    return _shared(4000, {"responses": {"200": {"description": "ok", "content": content}}})


def _long_answers() -> bytes:
    answer = {
        "description": "words " * 150,
        "content": {"application/json": {"example": {"words": "w" * 900}}},
    }
    return _shared(4000, {"responses": {f"4{n:02}": answer for n in range(19)}})


DOCUMENTS = (
    Document("deep-json-lists", b'{"openapi": ' + b"[" * 5000 + b"]" * 5000 + b"}", "too_deep"),
    Document("deep-json-maps", b'{"a":' * 5000 + b"1" + b"}" * 5000, "too_deep"),
    Document("deep-yaml-lists", YAML + b"x: " + b"[" * 5000 + b"]" * 5000, "too_deep"),
    Document("deep-yaml-maps", YAML + b"x: " + b"{a: " * 5000 + b"}" * 5000, "too_deep"),
    Document("deep-yaml-blocks", b"- " * 5000 + b"x", "too_deep"),
    Document("billion-laughs", _laughs(), "too_many_nodes"),
    Document("an-anchor-in-itself", YAML + b"x: &x [*x]\n", "bad_alias"),
    Document("entities-in-json", _entities("json")),
    Document("entities-in-yaml", _entities("yaml")),
    Document("entities-bare", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "a">]><x/>', "xml"),
    *(
        Document(f"ref-{number}", _referring(ref), rules=("ref-external",))
        for number, ref in enumerate(OUTSIDE)
    ),
    Document("cycles", _cycles()),
    Document("nul-bytes", b'{"openapi": "3.1.0", "x": "\x00"}', "nul_bytes"),
    Document("nul-escaped", _with(info={"title": "a\x00b", "version": "\x00"})),
    Document("half-characters", b'{"openapi": "3.1.0", "info": {"title": "\\ud800"}}'),
    Document("not-utf8", b'{"openapi": "3.1.0", "x": "\xff\xfe"}', "not_utf8"),
    Document("utf16-little", "﻿{}".encode("utf-16-le"), "utf16"),
    Document("utf16-big", "﻿{}".encode("utf-16-be"), "utf16"),
    Document("utf32", "﻿{}".encode("utf-32-le"), "utf16"),
    Document("utf8-bom", b"\xef\xbb\xbf" + _with(), rules=("byte-order-mark",)),
    Document("keys-twice-json", b'{"openapi": "3.1.0", "a": 1, "a": 2}', rules=("duplicate-key",)),
    Document("keys-twice-yaml", YAML + b"a: 1\na: 2\n", rules=("duplicate-key",)),
    Document("many-keys-twice", YAML + b"a:\n" * 60_000, rules=("duplicate-key",)),
    Document("endless-float", _with().replace(b'"1.2.0"', b"1e999999")),
    Document("endless-float-yaml", YAML + b"x: 1e999999\ny: -1e999999\n"),
    Document("huge-integer", _with().replace(b'"1.2.0"', b"9" * 4000)),
    Document("endless-integer", b'{"openapi": "3.1.0", "x": ' + b"9" * 90_000 + b"}", "bad_json"),
    Document("huge-integer-yaml", YAML + b"x-retention-days: " + b"9" * 90_000 + b"\n"),
    Document(
        "huge-numbers-that-mean-something",
        _shared(
            1,
            {
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "x-retention-days": 10**40,
                                    "minimum": 10**300,
                                    "properties": {
                                        "a": {
                                            "x-retention-days": -1,
                                            "minLength": 10**40,
                                            "example": 10**300,
                                        }
                                    },
                                }
                            }
                        },
                    }
                }
            },
        ),
    ),
    Document("endless-key", _with(**{"k" * 1_000_000: [{"$ref": "x"}] * 2000})),
    Document(
        "endless-key-yaml", YAML + b"? " + b"k" * 1_000_000 + b"\n: [" + b"{a: 1}, " * 2000 + b"]\n"
    ),
    Document("endless-path", _with(paths={"/" + "p" * 1_000_000: {"get": {"responses": {}}}})),
    Document(
        "endless-names",
        _with(
            paths={
                "/a": {
                    "get": {
                        "operationId": "o" * 1_000_000,
                        "tags": ["t" * 1_000_000],
                        "summary": "s" * 1_000_000,
                        "security": [{"s" * 1_000_000: ["x" * 1_000_000]}],
                        "parameters": [{"name": "n" * 1_000_000, "in": "i" * 1_000_000}],
                        "responses": {"2" * 1_000_000: {"description": "d" * 1_000_000}},
                    }
                }
            },
            info={"title": "t" * 1_000_000, "version": "v" * 1_000_000},
            servers=[{"url": "https://" + "h" * 1_000_000}],
        ),
    ),
    Document(
        "a-hundred-thousand-operations",
        _with(paths={f"/p{number}": {"get": {}} for number in range(100_000)}),
        "too_many_operations",
    ),
    Document("operations-by-reference", _shared(6000, {}), "too_many_operations"),
    Document("fields-by-reference", _wide_answers(), "too_many_nodes"),
    Document("words-by-reference", _long_answers(), "too_many_nodes"),
    Document(
        "names-that-are-no-text",
        json.dumps(
            {
                "swagger": "2.0",
                "info": {"title": ["a"], "version": {}},
                "paths": {
                    "/a": {
                        "get": {
                            "parameters": [
                                {"name": ["x"], "in": {}},
                                {"name": {}, "in": "formData"},
                            ],
                            "operationId": {},
                            "tags": {"a": 1},
                            "security": [[1]],
                            "responses": [],
                        }
                    }
                },
            }
        ).encode(),
    ),
    Document("zip", _zip(), "archive"),
    Document("gzip", gzip.compress(b"{}" * 1000), "archive"),
    Document("empty", b"", "empty"),
    Document("blank", b" \r\n\t ", "empty"),
)
