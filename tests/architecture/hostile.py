"""What nobody sends by accident: values and bodies that no part of the portal can mean."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
# Already escaped, as they stand in an address or a form body.
VALUES = {
    "a NUL byte": "a%00b",
    "10,000 characters": "x" * 10_000,
    "bytes that are no UTF-8": "%FF%FE%C3",
    "a broken escape": "%zz%",
    "a huge number": "9" * 400,
    "a number past 64 bits": "9223372036854775808",
    "a negative number": "-1",
    "no number": "NaN",
    "digits of another script": quote("٣²"),
    "an emoji": quote("🫖🏴‍☠️"),
    "text from right to left": quote("\u202eabc\u2066שלום"),
    "invisible text": quote("\u200b\ufeff\u2060"),
    "control characters": quote("\x01\x1b[2J\r\nSet-Cookie: a=b"),
    "a lone surrogate": "%ED%A0%80",
    "markup": quote("<script>alert(1)</script>'\"--{{ 7*7 }}"),
    "a far date": "99999-99-99",
    "the end of time": "9999-12-31",
}
# Every name that some page reads from its query.
QUERY_NAMES = (
    "q", "page", "kind", "depth", "life", "status", "state", "version", "environment", "days",
    "format", "before", "tag", "lang", "app", "start", "next", "sector", "actor", "subject",
    "since", "until", "person", "organization", "request_id", "sort", "slug", "client_id",
    "redirect_uri", "scope", "prompt", "user_code", "resource", "authorization_details", "grant_id",
    "grant_management_action", "after", "limit", "flow", "owner",
    "only", "level", "old", "new", "audience",
)  # fmt: skip
JSON_BODIES = {
    "an array": b"[]",
    "a text": b'"text"',
    "nothing": b"null",
    "a huge number": b'{"name": 1e999, "slug": ' + b"9" * 4000 + b"}",
    "a depth of 5,000": b'{"name": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "an open depth of 5,000": b'{"a":' * 5000,
    "half a document": b'{"name": "x',
    "no UTF-8": b'{"name": "\xff"}',
    "another charset": '{"name": "x"}'.encode("utf-16"),
    "a name given twice": b'{"reason": "a", "reason": []}',
}
JSON_VALUES = (
    [],
    ["x"],
    {"x": "y"},
    None,
    True,
    -1,
    10**30,
    0.5,
    "",
    "a\x00b",
    "\ud800",
    "x" * 10_000,
)
MULTIPART = "multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
OTHER_BODIES = {
    "a multipart without an end": (MULTIPART, PART + b"x"),
    "a multipart without a boundary": ("multipart/form-data", PART + b"x\r\n--b--\r\n"),
    "a part without a name": (
        MULTIPART,
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
    ),
    "a file for a text": (
        MULTIPART,
        PART.replace(b'"name"', b'"name"; filename="a\x00.txt"') + b"\x00\xff\r\n--b--\r\n",
    ),
    "a bad transfer encoding": (
        MULTIPART,
        PART.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
        + b"!\r\n--b--\r\n",
    ),
    "an unknown type": ("application/nonsense", b"\x00\x01\x02"),
    "no type": ("", b"name=x"),
    "an unknown charset": (f"{FORM}; charset=nonsense", b"name=x"),
    "too many fields": (FORM, b"&".join(b"f%d=x" % n for n in range(500))),
    "XML": ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
}


@dataclass(frozen=True)
class Attempt:
    what: str
    method: str
    path: str
    query: str = ""
    content_type: str = ""
    body: bytes = b""


def queries(path: str) -> Iterator[Attempt]:
    for what, value in VALUES.items():
        query = "&".join(f"{name}={value}" for name in QUERY_NAMES)
        if len(query) > 8192:
            query = f"q={value}"
        yield Attempt(f"{what} in the query", "GET", path, query)
    twice = "&".join(f"{name}=1&{name}=2" for name in QUERY_NAMES)
    yield Attempt("each parameter twice", "GET", path, twice)
    yield Attempt("names that are lists", "GET", path, "q[]=1&page[a]=2&=3&&;")


def forms(path: str, fields: Iterable[tuple[str, str]]) -> Iterator[Attempt]:
    """Yield the page's own form with one kind of value everywhere, then with one bad field each."""
    pairs = list(fields) or [(name, "") for name in ("name", "reason", "url", "token", "slug")]
    names = list(dict.fromkeys(name for name, _ in pairs))
    for what, value in VALUES.items():
        body = "&".join(f"{quote(name)}={value}" for name in names)
        yield Attempt(f"{what} in each field", "POST", path, "", FORM, body.encode())
    for place, name in enumerate(names):
        what, value = list(VALUES.items())[place % len(VALUES)]
        others = urlencode([pair for pair in pairs if pair[0] != name])
        body = f"{others}&{quote(name)}={value}".encode()
        yield Attempt(f"{what} in {name}", "POST", path, "", FORM, body)
    twice = urlencode(pairs + [(name, "other") for name in names]).encode()
    yield Attempt("each field twice", "POST", path, "", FORM, twice)
    for what, (content_type, body) in OTHER_BODIES.items():
        yield Attempt(what, "POST", path, "", content_type, body)
    yield Attempt("JSON for a form", "POST", path, "", JSON, JSON_BODIES["a depth of 5,000"])


def documents(path: str, names: Iterable[str]) -> Iterator[Attempt]:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for what, body in JSON_BODIES.items():
            yield Attempt(what, method, path, "", JSON, body)
    for value in JSON_VALUES:
        body = json.dumps(dict.fromkeys(names, value)).encode()
        yield Attempt(f"{str(value)[:20]!r} in each field", "POST", path, "", JSON, body)
    for what, (content_type, body) in OTHER_BODIES.items():
        yield Attempt(what, "POST", path, "", content_type, body)
