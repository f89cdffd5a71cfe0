"""What is read from bytes, and by which name everything else is refused."""

from __future__ import annotations

import json

import pytest

from catalog.specs.loader import MAX_DEPTH, Unreadable, load
from catalog.specs.yaml_reader import plain

MIB = 1024 * 1024
HEAD = b"openapi: 3.1.0\ninfo: {title: Things, version: '1'}\npaths: {}\n"


def loaded(raw: bytes | str, *, max_bytes: int = MIB):
    return load(raw.encode() if isinstance(raw, str) else raw, max_bytes=max_bytes)


def nested(depth: int, *, start: str = "[", end: str = "]") -> str:
    return start * depth + end * depth


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"{" + b" " * MIB, "too_large"),
        (b"\xff\xfe{\x00}\x00", "utf16"),
        (b'{"openapi": "3.1.0", "x": "\x00"}', "nul_bytes"),
        (b'{"openapi": "3.1.0", "x": "\xff"}', "not_utf8"),
        (b"<!DOCTYPE html><html></html>", "html"),
        (b"<html lang=en>", "html"),
        (b"<?xml version='1.0'?><wsdl/>", "xml"),
        (b"[1, 2]", "not_an_object"),
        (b"just words", "not_an_object"),
        (b"{}", "not_openapi"),
        (b'{"asyncapi": "1.2.0"}', "bad_version"),
        (b"a: 1", "not_openapi"),
        (b'{"openapi": "4.0.0"}', "bad_version"),
        (b'{"openapi": {"x": 1}}', "bad_version"),
        (b'{"swagger": "1.2"}', "bad_version"),
        (b'{"openapi": "3.1.0"', "bad_json"),
        (b'{"openapi": NaN}', "bad_json"),
        (b'{"openapi": ' + b"9" * 5000 + b"}", "bad_json"),
        (b"openapi: [", "invalid_yaml"),
        (b"openapi: 3.1.0\n\tinfo: x", "invalid_yaml"),
        (b"--- {}\n--- {}\n", "several_documents"),
        (b"? [a, b]\n: c\n", "bad_key"),
        (b"? {a: b}\n: c\n", "bad_key"),
        (b"a: *nobody\n", "bad_alias"),
        (b"a: &a [*a]\n", "bad_alias"),
        (b'{"openapi": ' + nested(5000).encode() + b"}", "too_deep"),
        (b'{"openapi": ' + nested(MAX_DEPTH + 1).encode() + b"}", "too_deep"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "too_deep"),
        (b"openapi: " + nested(5000).encode(), "too_deep"),
        (b"openapi: " + nested(300_000).encode(), "too_deep"),
        (b"openapi: " + nested(5000, start="{a: ", end="}").encode(), "too_deep"),
        (b"- " * 5000 + b"x", "too_deep"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(raw, code):
    with pytest.raises(Unreadable) as refusal:
        loaded(raw)

    assert refusal.value.code == code


def test_aliases_that_double_themselves_are_refused_before_they_grow():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    with pytest.raises(Unreadable) as refusal:
        loaded("\n".join(lines))

    assert refusal.value.code == "too_many_nodes"


def test_aliases_that_nest_themselves_are_refused():
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 250)]

    with pytest.raises(Unreadable) as refusal:
        loaded("\n".join(lines))

    assert refusal.value.code == "too_deep"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("012", "012"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-03-14", "2026-03-14"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", ".5"),
        (".nan", ".nan"),
        ("3.1.0", "3.1.0"),
    ],
)
def test_a_plain_scalar_means_what_it_means_in_json(text, value):
    assert plain(text) == value
    assert type(plain(text)) is type(value)


def test_yaml_reads_like_json():
    document = loaded(
        HEAD
        + b"x-quoted: '12'\nx-plain: 12\nx-yes: yes\nx-date: 2026-03-14\nx-tagged: !!str 12\n"
        + b"x-own: !python/object/apply:os.system [id]\nx-on: true\nx-text: |\n  two\n  lines\n"
        + b"200: &ok {a: 1}\nx-again: *ok\nx-merged: {<<: *ok, b: 2}\n"
    ).document

    assert document["x-quoted"] == document["x-tagged"] == "12"
    assert (document["x-plain"], document["x-on"]) == (12, True)
    assert (document["x-yes"], document["x-date"]) == ("yes", "2026-03-14")
    assert document["x-own"] == ["id"]
    assert document["x-text"] == "two\nlines\n"
    assert document["200"] == document["x-again"] == {"a": 1}
    assert document["x-merged"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (HEAD, "openapi-3.1 yaml"),
        (b'{"openapi": "3.0.3"}', "openapi-3.0 json"),
        (b'{"openapi": "3.2.0"}', "openapi-3.2 json"),
        (b"swagger: 2.0", "swagger-2.0 yaml"),
        (b"openapi: 3.0", "openapi-3.0 yaml"),
        (b"\xef\xbb\xbf" + HEAD, "openapi-3.1 yaml"),
    ],
)
def test_the_format_is_named(raw, form):
    assert loaded(raw).format == form


@pytest.mark.parametrize(
    "raw",
    [
        b'{"openapi": "3.1.0", "a/b": {"x": 1, "y": 2, "x": 3}}',
        b"openapi: 3.1.0\na/b:\n  x: 1\n  y: 2\n  x: 3\n",
    ],
)
def test_a_key_given_twice_is_found(raw):
    read = loaded(raw)

    assert [(found.rule, found.pointer) for found in read.findings] == [
        ("duplicate-key", "/a~1b/x")
    ]
    assert read.document["a/b"] == {"x": 3, "y": 2}


def test_what_a_database_cannot_store_is_replaced():
    read = loaded('{"openapi": "3.1.0", "a": ["\\u0000", "\\ud800", 1e999], "\\u0000k": 1}')

    assert read.document["a"] == ["�", "�", None]
    assert read.document["�k"] == 1
    json.dumps(read.document, allow_nan=False).encode()
    assert {found.rule for found in read.findings} == {"text-unstorable"}
