"""Envoy: each route of each virtual host, with the filters of its listener."""

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

_CONNECTIONS = "envoy.filters.network.http_connection_manager"
_MEANING = {
    "envoy.filters.http.ext_authz": Policy.DECISION,
    "envoy.filters.http.jwt_authn": Policy.TOKEN,
    "envoy.filters.http.oauth2": Policy.TOKEN,
    "envoy.filters.http.api_key_auth": Policy.KEY,
    "envoy.filters.http.local_ratelimit": Policy.RATE,
    "envoy.filters.http.ratelimit": Policy.RATE,
    "envoy.filters.http.rbac": Policy.NETWORK,
    "envoy.filters.http.buffer": Policy.SIZE,
    "envoy.filters.http.cors": Policy.CORS,
    "envoy.filters.http.ext_proc": Policy.TRANSFORM,
    "envoy.filters.http.lua": Policy.TRANSFORM,
}


def read_envoy(text: str) -> list[Served]:
    document = read_document(text)
    listeners = listed(mapped(document.get("static_resources")).get("listeners"))
    found = [route for listener in listeners for route in _of_listener(mapped(listener))]
    return found[:MAX_ROUTES]


def _of_listener(listener: dict[str, Any]) -> Iterator[Served]:
    for chain in map(mapped, listed(listener.get("filter_chains"))):
        shared: set[Policy] = set()
        tls = mapped(mapped(chain.get("transport_socket")).get("typed_config"))
        if tls:
            shared.add(Policy.TLS)
        if tls.get("require_client_certificate") is True:
            shared.add(Policy.CERTIFICATE)
        for filter_ in map(mapped, listed(chain.get("filters"))):
            if filter_.get("name") == _CONNECTIONS:
                yield from _of_manager(mapped(filter_.get("typed_config")), shared)


def _of_manager(manager: dict[str, Any], above: set[Policy]) -> Iterator[Served]:
    names = [str(mapped(one).get("name")) for one in listed(manager.get("http_filters"))]
    shared = above | {_MEANING[name] for name in names if name in _MEANING}
    for host in map(mapped, listed(mapped(manager.get("route_config")).get("virtual_hosts"))):
        domains = [str(name) for name in listed(host.get("domains"))] or ["*"]
        for route in map(mapped, listed(host.get("routes"))):
            path = _path(mapped(route.get("match")))
            if not path or "route" not in route:
                continue
            policies = shared - _switched_off(route, host)
            for domain in domains:
                yield Served(domain, path, in_order(policies))


def _path(match: dict[str, Any]) -> str:
    for kind in ("path_separated_prefix", "prefix", "path"):
        if isinstance(match.get(kind), str):
            return str(match[kind])
    return ""


def _switched_off(*places: dict[str, Any]) -> set[Policy]:
    """Return the policies that a route or its host does without."""
    return {
        _MEANING[name]
        for place in places
        for name, own in mapped(place.get("typed_per_filter_config")).items()
        if name in _MEANING and mapped(own).get("disabled") is True
    }
