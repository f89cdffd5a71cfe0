"""A call as the gateway saw it, whatever its dialect."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from consent.gateway.decision import Presented

_MAX_TOKEN = 4096
SCHEMES = frozenset({"bearer", "dpop"})
_SENSELESS = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Call:
    """`path` is `/<api>/<version>/<rest>`, decoded once, `raw_path` as it came.

    `scheme` is that of the Authorization header in lower case; `proofs` are the DPoP headers and
    `certificate` the thumbprint (`x5t#S256`) of the one that the trusted proxy saw.
    """

    method: str
    api_slug: str
    version_label: str
    path: str
    presented: Presented
    token: str = field(repr=False)
    scheme: str = "bearer"
    raw_path: str = ""
    proofs: tuple[str, ...] = field(default=(), repr=False)
    certificate: str = ""

    @classmethod
    def read(
        cls,
        *,
        method: str,
        target: str,
        authorization: list[str],
        proofs: Sequence[str] = (),
        certificate: str = "",
    ) -> Call:
        # No URL parser: it would take `//api/v1` for a host, and cut at a `#` that a gateway keeps.
        raw_path, _, query = target.partition("?")
        api_slug, version_label, path = _split("" if "#" in raw_path else unquote(raw_path))
        presented, scheme, token = _credential(authorization, query)
        return cls(
            method=method.upper(),
            api_slug=api_slug,
            version_label=version_label,
            path=path,
            presented=presented,
            token=token,
            scheme=scheme,
            raw_path=raw_path,
            proofs=tuple(proofs),
            certificate=certificate,
        )


def _split(path: str) -> tuple[str, str, str]:
    """Return API, version and the path below them; dot segments make it no route at all."""
    pieces = path.split("/")
    if pieces[0] or len(pieces) < 4 or {".", ".."} & set(pieces) or _SENSELESS.search(path):
        return "", "", path
    return pieces[1], pieces[2], "/" + "/".join(pieces[3:])


def _credential(authorization: list[str], query: str) -> tuple[Presented, str, str]:
    """Return how the token came (RFC 6750 §2: one method only), its scheme, and the token."""
    names = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    if "access_token" in names:
        return Presented.QUERY, "", ""
    if len(authorization) > 1 or any("," in value for value in authorization):
        return Presented.TWICE, "", ""
    scheme, _, token = (authorization[0] if authorization else "").partition(" ")
    if scheme.lower() not in SCHEMES or not token.strip():
        return Presented.NOTHING, "", ""
    return Presented.HEADER, scheme.lower(), token.strip()[: _MAX_TOKEN + 1]
