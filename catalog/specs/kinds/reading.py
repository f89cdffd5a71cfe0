"""A description of another kind than REST, as the catalog shows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.rules.rulebook import Found
from catalog.specs.kinds.asyncapi import read_asyncapi
from catalog.specs.kinds.graphql import description_of, read_graphql
from catalog.specs.kinds.proto import read_proto
from catalog.specs.markdown import cut, first_sentence, to_html, to_text
from catalog.specs.naming import api_slug, host_of, slugify, version_label
from catalog.specs.parser import MAX_SERVERS, ParsedApi
from catalog.specs.parts import ParsedPart, with_own_slugs

ASYNCAPI, GRAPHQL, GRPC = "asyncapi", "graphql", "grpc"


def parse_asyncapi(document: dict[str, Any]) -> ParsedApi:
    info = _object(document.get("info"))
    servers = tuple(_servers(_object(document.get("servers"))))
    host = next((host for server in servers if (host := host_of(server["url"]))), "")
    portal = _object(document.get("x-portal"))
    title = _text(info.get("title"))
    return _api(
        ASYNCAPI,
        title=title or "API without a title",
        slug=slugify(_text(portal.get("slug")), max_length=80) or api_slug(title=title, host=host),
        number=_text(info.get("version")),
        description=_text(info.get("description")),
        sector=_text(portal.get("sector")),
        servers=servers,
        parts=with_own_slugs(read_asyncapi(document)),
    )


def parse_graphql(text: str) -> ParsedApi:
    """Read a schema; it has no name of its own, so its first line or its file gives it one."""
    parts = with_own_slugs(read_graphql(text))
    said = description_of(text)
    title, number = _headed(text)
    return _api(GRAPHQL, title=title, number=number, description=said, parts=parts)


def parse_proto(text: str) -> ParsedApi:
    file = read_proto(text)
    name, _, last = file.package.rpartition(".")
    # `parcels.tracking.v1`: the last step is the version where it looks like one.
    is_version = bool(name) and last[:1] == "v" and last[1:2].isdigit()
    title = name if is_version else file.package
    return _api(
        GRPC,
        title=title,
        number=last if is_version else "",
        description=file.comment,
        parts=with_own_slugs(file.parts),
    )


def _api(
    kind: str,
    *,
    title: str,
    number: str,
    description: str,
    parts: tuple[ParsedPart, ...],
    slug: str = "",
    sector: str = "",
    servers: tuple[dict[str, str], ...] = (),
) -> ParsedApi:
    shown = to_text(title, max_length=200)
    return ParsedApi(
        # Where it names itself nowhere, who imports it names it by its file.
        slug=slug or slugify(title, max_length=80),
        label=version_label(number),
        number=cut(number, 60),
        title=shown,
        summary=first_sentence(description, max_length=300),
        description_html=to_html(description, max_length=20_000),
        sector=cut(sector, 60),
        servers=servers,
        operations=(),
        vocabulary=None,
        findings=(),
        kind=kind,
        parts=parts,
    )


def breaches(api: ParsedApi) -> Iterator[Found]:
    """Yield what is missing, by the rules that hold for every kind."""
    if not any(one.is_call or one.kind in {"channel", "message", "type"} for one in api.parts):
        yield Found("no-operations", "", "The document describes nothing that can be called.")
    if not api.description_html:
        yield Found("info-description-missing", "", "Say what the API is for, and for whom.")
    for one in api.parts:
        if one.is_call and not one.summary:
            told = f"{one.name} has no summary."
            yield Found("operation-summary-missing", f"/{one.kind}/{one.name}", told)


def _headed(text: str) -> tuple[str, str]:
    """Return title and version from a comment such as `# Parcels 1.2` in the first line."""
    first = text.lstrip("\ufeff").partition("\n")[0].strip()
    if not first.startswith("#"):
        return "", ""
    words = first.lstrip("# ").split()
    number = words[-1] if words and words[-1].lstrip("v")[:1].isdigit() else ""
    title = " ".join(words[:-1] if number else words)
    return title[:120], number


def _servers(stated: dict[str, Any]) -> Iterator[dict[str, str]]:
    for server in list(stated.values())[:MAX_SERVERS]:
        one = _object(server)
        host = _text(one.get("url")) or _text(one.get("host"))
        protocol = _text(one.get("protocol"))
        url = host if "://" in host or not protocol else f"{protocol}://{host}"
        if url:
            yield {
                "url": cut(url, 500),
                "description": to_text(_text(one.get("description")), max_length=200),
            }


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else ""
