"""Whom a network address stands for, where tries are counted."""

from __future__ import annotations

import ipaddress

# Who has an IPv6 address has a whole network of them.
_BITS = 64


def network_of(address: str) -> str:
    """Return what is counted: an IPv4 address, the network of an IPv6 one, else the text itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network(f"{parsed}/{_BITS}", strict=False).network_address)
