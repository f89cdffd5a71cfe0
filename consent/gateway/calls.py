"""A call as the gateway saw it, whatever its dialect."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from consent.gateway.decision import Presented

_MAX_TOKEN = 512


@dataclass(frozen=True, slots=True)
class Call:
    """`path` is `/<api>/<version>/<rest>`, decoded once; `authorization` each such header."""

    method: str
    api_slug: str
    version_label: str
    path: str
    presented: Presented
    token: str

    @classmethod
    def read(cls, *, method: str, target: str, authorization: list[str]) -> Call:
        parts = urlsplit(target)
        api_slug, version_label, path = _split(unquote(parts.path))
        presented, token = _credential(authorization, parts.query)
        return cls(method.upper(), api_slug, version_label, path, presented, token)


def _split(path: str) -> tuple[str, str, str]:
    """Return API, version and the path below them; dot segments make it no route at all."""
    pieces = path.split("/")
    if len(pieces) < 4 or {".", ".."} & set(pieces) or "\x00" in path:
        return "", "", path
    return pieces[1], pieces[2], "/" + "/".join(pieces[3:])


def _credential(authorization: list[str], query: str) -> tuple[Presented, str]:
    """Return how the token came (RFC 6750 §2: one method only) and the token itself."""
    names = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    if "access_token" in names:
        return Presented.QUERY, ""
    if len(authorization) > 1 or any("," in value for value in authorization):
        return Presented.TWICE, ""
    scheme, _, token = (authorization[0] if authorization else "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return Presented.NOTHING, ""
    return Presented.HEADER, token.strip()[: _MAX_TOKEN + 1]
