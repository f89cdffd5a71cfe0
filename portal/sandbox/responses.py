"""What leaves: the projection of a body, in the format that was asked for, with its tag.

Everything that is told about a body is told about what is left of it: length, tag and columns.
"""

# ruff: noqa: TID251 - this is the end of a view

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag

from catalog.scopes.reveals import readable
from consent.gateway.projection import project
from portal.sandbox.aliases import alias
from portal.sandbox.records import Reply
from portal.ui.requests import Request
from portal.ui.spreadsheets import plain_cell

JSON, CSV, NDJSON = "application/json", "text/csv", "application/x-ndjson"


def response_to(
    request: Request, reply: Reply, *, fields: Sequence[str] | None, subject: str
) -> HttpResponse:
    """Return the answer that holds the allowed fields alone; None allows all."""
    body = reply.body
    if body is not None and fields is not None:
        body = project(body, fields, alias=partial(alias, subject=subject))
    if body is None:
        response = HttpResponse(status=reply.status)
        del response["Content-Type"]
    else:
        response = _written(request, body, fields, status=reply.status)
    if reply.location:
        response["Location"] = reply.location
    if reply.next_cursor:
        query = request.GET.copy()
        query["cursor"] = reply.next_cursor
        response["Link"] = f'<?{query.urlencode()}>; rel="next"'
    return response


def close(response: HttpResponse) -> HttpResponse:
    """Keep what was shown to one caller from every cache."""
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Authorization"])
    return response


def _written(
    request: Request, body: Any, fields: Sequence[str] | None, *, status: int
) -> HttpResponse:
    kind = JSON
    if isinstance(body, dict) and isinstance(body.get("items"), list):
        kind = request.get_preferred_type([JSON, CSV, NDJSON]) or JSON
    content = _WRITERS[kind](body, fields)
    tag = quote_etag(hashlib.sha256(f"{kind}\n{content}".encode()).hexdigest()[:32])
    known = parse_etags(request.headers.get("If-None-Match", ""))
    response: HttpResponse
    if status == 200 and request.method in {"GET", "HEAD"} and (tag in known or known == ["*"]):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(content, status=status, content_type=kind)
    response["ETag"] = tag
    patch_vary_headers(response, ["Accept"])
    return response


def _as_json(body: Any, _: Sequence[str] | None) -> str:
    return json.dumps(body, ensure_ascii=False)


def _as_lines(body: Any, _: Sequence[str] | None) -> str:
    return "".join(f"{json.dumps(item, ensure_ascii=False)}\n" for item in body["items"])


def _as_table(body: Any, fields: Sequence[str] | None) -> str:
    """Return a row for each item. Its columns are what may be seen, so a row has no other."""
    names = _column_names(body, fields)
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(name.replace("/", ".") for name in names)
    for item in body["items"]:
        table.writerow(_cell(_at(item, name)) for name in names)
    return out.getvalue()


def _column_names(body: Any, fields: Sequence[str] | None) -> list[str]:
    if fields is None:
        return sorted({name for item in body["items"] for name in item})
    pointers = sorted(found.pointer for found in readable(fields))
    inside = [at.removeprefix("/items/*/") for at in pointers if at.startswith("/items/*/")]
    # What is expanded is a column only where it was: then some row has it.
    return [name for name in inside if any(_at(item, name) is not None for item in body["items"])]


def _at(item: Any, name: str) -> Any:
    for step in name.split("/"):
        item = item.get(step) if isinstance(item, dict) else None
    return item


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return plain_cell(text)


_WRITERS: dict[str, Callable[[Any, Sequence[str] | None], str]] = {
    JSON: _as_json,
    CSV: _as_table,
    NDJSON: _as_lines,
}
