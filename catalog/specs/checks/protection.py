"""Rules about protection: closed by default, and opened only in ways that hold."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

from catalog.rules.rulebook import Found
from catalog.specs.checks.normal import READING, WRITING, Normal, items, mapping, text
from catalog.specs.markdown import cut
from catalog.specs.naming import host_of
from catalog.specs.shapes import Shape
from catalog.specs.yaml_reader import escaped

_ADDRESSES = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")
_ENDS = ("maxLength", "enum", "const", "pattern")
_MAX_PARTS = 2_000


def reading_with_body(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        takes_none = (one.method in READING or one.method == "DELETE") and one.method != "QUERY"
        if takes_none and one.body.get("requestBody"):
            message = "takes a body, which HTTP gives no meaning here."
            yield one.breach("reading-with-body", message, "/requestBody")


def security_default_missing(normal: Normal) -> Iterator[Found]:
    if normal.operations and not items(normal.document.get("security")):
        message = "Say at the top of the document how operations are protected."
        yield Found("security-default-missing", "", message)


def security_optional(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        if isinstance(one.security, list) and {} in one.security and len(one.security) > 1:
            at = "/security" if "security" in one.body else ""
            yield one.breach("security-optional", "lets calls in without a token as well.", at)


def write_open(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        if one.method in WRITING and one.is_open:
            yield one.breach("write-open", "can be called by everybody.")


def oauth_flow_unsafe(normal: Normal) -> Iterator[Found]:
    for pointer, flow, _ in _flows(normal):
        if flow in {"implicit", "password"}:
            message = f"The {flow} flow is not safe. Use authorizationCode."
            yield Found("oauth-flow-unsafe", pointer, message)


def oauth_address_not_https(normal: Normal) -> Iterator[Found]:
    for pointer, _, stated in _flows(normal):
        for word in _ADDRESSES:
            if text(stated.get(word)).startswith("http:"):
                message = f"{cut(stated[word], 120)} is not protected by TLS."
                yield Found("oauth-address-not-https", f"{pointer}/{word}", message)
    for name, scheme in normal.schemes.items():
        if text(scheme.get("openIdConnectUrl")).startswith("http:"):
            message = f"{cut(scheme['openIdConnectUrl'], 120)} is not protected by TLS."
            pointer = f"{normal.scheme_at(name)}/openIdConnectUrl"
            yield Found("oauth-address-not-https", pointer, message)


def key_in_query(normal: Normal) -> Iterator[Found]:
    for name, scheme in normal.schemes.items():
        if scheme.get("type") == "apiKey" and scheme.get("in") == "query":
            message = f"The key {cut(text(scheme.get('name')), 60)} stands in the address."
            yield Found("key-in-query", normal.scheme_at(name), message)


def basic_password(normal: Normal) -> Iterator[Found]:
    for name, scheme in normal.schemes.items():
        if scheme.get("type") == "http" and text(scheme.get("scheme")).lower() == "basic":
            message = f"{cut(name, 60)} sends a password with every call."
            yield Found("basic-password", normal.scheme_at(name), message)


def server_private(normal: Normal) -> Iterator[Found]:
    for index, server in enumerate(normal.parsed.servers):
        if _is_private(host_of(server["url"])):
            message = f"{cut(server['url'], 120)} cannot be reached from outside."
            yield Found("server-private", f"/servers/{index}/url", message)


def request_unbounded(normal: Normal) -> Iterator[Found]:
    for one in normal.operations:
        body = normal.resolver.mapping(one.body.get("requestBody"))
        for kind, media in list(mapping(body.get("content")).items())[:1]:
            name = _endless(normal, mapping(media).get("schema"))
            if name is not None:
                message = f"takes {name or 'a text'} of any length."
                at = f"/requestBody/content/{escaped(kind)}"
                yield one.breach("request-unbounded", message, at)


def _endless(normal: Normal, schema: Any) -> str | None:
    """Return the name of the first text or list that has no end, or None."""
    stack, seen = [("", schema)], set[int]()
    while stack and len(seen) < _MAX_PARTS:
        name, part = stack.pop()
        shape = normal.shapes.of(part)
        if shape.key in seen:
            continue
        seen.add(shape.key)
        if shape.is_list:
            if not _says(normal, part, ("maxItems",)):
                return name
            stack.append((name, shape.items))
        elif _is_text(shape) and not _says(normal, part, _ENDS):
            return name
        stack += reversed(list(shape.properties.items()))
    return None


def _is_text(shape: Shape) -> bool:
    return shape.kind == "string" and not shape.keywords.get("format")


def _says(normal: Normal, schema: Any, wanted: tuple[str, ...]) -> bool:
    stated = normal.resolver.mapping(schema)
    if any(word in stated for word in wanted):
        return True
    inner = [one for word in ("allOf", "oneOf", "anyOf") for one in items(stated.get(word))]
    return any(word in normal.resolver.mapping(one) for one in inner for word in wanted)


def _flows(normal: Normal) -> Iterator[tuple[str, str, Any]]:
    for name, scheme in normal.schemes.items():
        if scheme.get("type") == "oauth2":
            for flow, stated in mapping(scheme.get("flows")).items():
                yield f"{normal.scheme_at(name)}/flows/{escaped(flow)}", flow, mapping(stated)


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


CHECKS: dict[str, Callable[[Normal], Iterator[Found]]] = {
    "reading-with-body": reading_with_body,
    "security-default-missing": security_default_missing,
    "security-optional": security_optional,
    "write-open": write_open,
    "oauth-flow-unsafe": oauth_flow_unsafe,
    "oauth-address-not-https": oauth_address_not_https,
    "key-in-query": key_in_query,
    "basic-password": basic_password,
    "server-private": server_private,
    "request-unbounded": request_unbounded,
}
