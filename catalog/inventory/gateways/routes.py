"""A route as a gateway serves it, and the few words that its policies come down to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog.specs.yaml_reader import read_yaml
from portal.errors import Refused

MAX_CONFIGURATION = 1024 * 1024
MAX_ROUTES = 2_000
MAX_NODES = 200_000
MAX_DEPTH = 60


class Policy(StrEnum):
    """What a gateway does to a call before the API sees it."""

    DECISION = "decision"
    TOKEN = "token"  # noqa: S105 - a kind of policy
    KEY = "key"
    CERTIFICATE = "certificate"
    RATE = "rate_limit"
    CONNECTIONS = "connection_limit"
    NETWORK = "network"
    SIZE = "body_size"
    CORS = "cors"
    TRANSFORM = "transform"
    TLS = "tls"


LABELS = {
    Policy.DECISION: "Asks for a decision",
    Policy.TOKEN: "Checks the token itself",
    Policy.KEY: "API key",
    Policy.CERTIFICATE: "Client certificate",
    Policy.RATE: "Rate limit",
    Policy.CONNECTIONS: "Limit on connections",
    Policy.NETWORK: "Some networks only",
    Policy.SIZE: "Limit on the body",
    Policy.CORS: "Cross-origin rules",
    Policy.TRANSFORM: "Changes the request or answer",
    Policy.TLS: "TLS",
}


@dataclass(frozen=True, slots=True, order=True)
class Served:
    """A path that a gateway serves at a host, and its policies; `*` is any host."""

    host: str
    path: str
    policies: tuple[Policy, ...] = ()

    @property
    def base_url(self) -> str:
        scheme = "https" if Policy.TLS in self.policies else "http"
        return f"{scheme}://{self.host}{self.path.rstrip('/')}"


class ConfigurationInvalid(Refused):
    """Nothing can be read from it; secrets that may stand in it are not said back."""

    code = "configuration_invalid"


def read_document(text: str) -> dict[str, Any]:
    """Return a YAML or JSON configuration; both are YAML."""
    try:
        value, _ = read_yaml(text, max_nodes=MAX_NODES, max_depth=MAX_DEPTH)
    except Refused as refusal:
        raise ConfigurationInvalid("The configuration is not YAML or JSON.") from refusal
    if not isinstance(value, dict):
        raise ConfigurationInvalid("The configuration is not an object.")
    return value


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def mapped(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def in_order(policies: set[Policy]) -> tuple[Policy, ...]:
    return tuple(policy for policy in Policy if policy in policies)
