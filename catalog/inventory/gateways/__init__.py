"""What a gateway's configuration says about the routes it serves. Pure: text in, routes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from catalog.inventory.gateways.envoy import read_envoy
from catalog.inventory.gateways.kong import read_kong
from catalog.inventory.gateways.nginx import read_nginx
from catalog.inventory.gateways.routes import Served

READERS: Mapping[str, Callable[[str], list[Served]]] = {
    "nginx": read_nginx,
    "envoy": read_envoy,
    "kong": read_kong,
}

__all__ = ["READERS", "Served"]
