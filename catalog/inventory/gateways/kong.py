"""Kong, declarative: each path of each route, with the plugins of itself, its service and all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.inventory.gateways.routes import (
    MAX_ROUTES,
    Policy,
    Served,
    in_order,
    listed,
    mapped,
    read_document,
)

_MEANING = {
    "jwt": Policy.TOKEN,
    "oauth2": Policy.TOKEN,
    "openid-connect": Policy.TOKEN,
    "key-auth": Policy.KEY,
    "mtls-auth": Policy.CERTIFICATE,
    "rate-limiting": Policy.RATE,
    "rate-limiting-advanced": Policy.RATE,
    "ip-restriction": Policy.NETWORK,
    "acl": Policy.NETWORK,
    "request-size-limiting": Policy.SIZE,
    "cors": Policy.CORS,
    "request-transformer": Policy.TRANSFORM,
    "response-transformer": Policy.TRANSFORM,
    "request-callout": Policy.DECISION,
    "opa": Policy.DECISION,
    "forward-auth": Policy.DECISION,
}


def read_kong(text: str) -> list[Served]:
    document = read_document(text)
    everywhere = _plugins(document)
    services = {
        str(service.get("name")): service
        for service in map(mapped, listed(document.get("services")))
    }
    found: list[Served] = []
    for service in services.values():
        shared = everywhere | _plugins(service)
        for route in map(mapped, listed(service.get("routes"))):
            found += _served(route, shared)
    for route in map(mapped, listed(document.get("routes"))):
        owner = services.get(_name(route.get("service")), {})
        found += _served(route, everywhere | _plugins(owner))
    return found[:MAX_ROUTES]


def _served(route: dict[str, Any], shared: set[Policy]) -> Iterator[Served]:
    policies = shared | _plugins(route)
    protocols = listed(route.get("protocols")) or ["http", "https"]
    if set(protocols) <= {"https", "grpcs"}:
        policies.add(Policy.TLS)
    for host in [str(name) for name in listed(route.get("hosts"))] or ["*"]:
        for path in map(str, listed(route.get("paths"))):
            if path.startswith("/"):
                yield Served(host, path, in_order(policies))


def _plugins(place: dict[str, Any]) -> set[Policy]:
    found = set()
    for plugin in map(mapped, listed(place.get("plugins"))):
        if plugin.get("enabled", True) is True and plugin.get("name") in _MEANING:
            found.add(_MEANING[str(plugin["name"])])
    return found


def _name(service: Any) -> str:
    return str(mapped(service).get("name")) if isinstance(service, dict) else str(service)
