"""Requests to addresses that somebody else chose: never into our own network, never without end."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings

from portal.errors import Refused, TooLarge

MAX_URL_LENGTH = 2000
MAX_REDIRECTS = 3
MAX_ANSWER_BYTES = 64 * 1024
USER_AGENT = "Meridian-Portal/1"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f\\]")
_NUMBER = re.compile(r"(?:\d+|0[xX][0-9a-fA-F]*)")
# Addresses that are global by the book but lead to an IPv4 address inside: 6to4, Teredo, NAT64.
_V6_UNICAST = ipaddress.IPv6Network("2000::/3")
_V6_TUNNELS = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/23"))
# Protocol assignments, which some Python versions call global in part, and the 6to4 relays.
_V4_SPECIAL = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))


class AddressBlocked(Refused):
    code = "address_blocked"


class Unreachable(Refused):
    code = "unreachable"


@dataclass(frozen=True, slots=True)
class Known:
    """What an address said of the content that we have (RFC 9110 §8.8), to be asked with."""

    etag: str = ""
    last_modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Return the conditions; a value that no header holds is none of ours."""
        said = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in said.items() if value and _is_plain(value)}


@dataclass(frozen=True, slots=True)
class Fetched:
    """`is_unchanged` where the address says that what we know still holds: then without a body."""

    url: str
    body: bytes
    content_type: str
    etag: str
    last_modified: str = ""
    is_unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The names in `headers` are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Pinned:
    """A host with the addresses that were looked at: connect to these, and to nothing else."""

    host: str
    port: int
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    host: str
    port: int
    path: str
    is_secure: bool
    addresses: tuple[str, ...]


def fetch(url: str, *, max_bytes: int, timeout: float = 10, known: Known | None = None) -> Fetched:
    """Return what an address answers, after at most three redirects.

    With what is `known` of it, an address may answer that nothing changed.

    Raises `AddressBlocked` where it or a redirect leads into a private network, `Unreachable` where
    no 2xx answer arrives within `timeout` seconds in all, `TooLarge` beyond `max_bytes`.
    """
    ends_at = monotonic() + timeout
    for _ in range(MAX_REDIRECTS + 1):
        target = _vetted(url)
        headers = {"Accept": "application/json, application/yaml, */*;q=0.1"}
        headers |= known.headers if known else {}
        with _exchange("GET", target, headers=headers, body=None, ends_at=ends_at) as response:
            location = response.getheader("Location", "")
            if response.status in _REDIRECTS and location:
                url = _followed(url, location)
                continue
            if response.status == 304 and known and known.headers:
                return Fetched(url, b"", "", known.etag, known.last_modified, is_unchanged=True)
            return _fetched(url, response, max_bytes=max_bytes)
    raise Unreachable("The address redirects too often.")


def post(url: str, *, body: bytes, headers: Mapping[str, str], timeout: float = 15) -> Answer:
    """Send `body` and return the answer as it is, a redirect or a refusal too, up to 64 KB of it.

    Raises `AddressBlocked` and `Unreachable` as `fetch` does.
    """
    ends_at = monotonic() + timeout
    target = _vetted(url)
    with _exchange("POST", target, headers=headers, body=body, ends_at=ends_at) as response:
        known = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, known, response.read(MAX_ANSWER_BYTES))


def _followed(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise Unreachable("The address redirects to one that cannot be read.") from error


def _fetched(url: str, response: HTTPResponse, *, max_bytes: int) -> Fetched:
    if not 200 <= response.status < 300:
        raise Unreachable(f"The address answered with status {response.status}.")
    if response.getheader("Content-Encoding", "identity") != "identity":
        raise Unreachable("The address sent a compressed answer that nobody asked for.")
    body = response.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise TooLarge(f"The answer is larger than {max_bytes:,} bytes.")
    if response.length:
        raise Unreachable("The answer broke off.")
    content_type = response.getheader("Content-Type", "")
    etag, modified = response.getheader("ETag", ""), response.getheader("Last-Modified", "")
    return Fetched(url, body, content_type, etag, modified)


def vet(url: str) -> Pinned:
    """Return where an address leads now; raises as `fetch` does, without connecting to it."""
    target = _vetted(url)
    return Pinned(target.host, target.port, target.addresses)


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _vetted(url: str) -> _Target:
    """Resolve the name once; the addresses that are checked here are the ones connected to."""
    parts, host, port = _parsed(url)
    is_allowed = host in settings.OUTBOUND_ALLOWED_HOSTS
    if parts.scheme != "https" and not (is_allowed and parts.scheme == "http"):
        raise AddressBlocked("The address does not begin with https://.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"Nobody knows the host {host}.") from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not is_allowed and not all(is_public(address) for address in addresses):
        raise AddressBlocked(f"The host {host} is not on the public internet.")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]")
    return _Target(
        host=host,
        port=port,
        path=f"{path}?{query}" if query else path,
        is_secure=parts.scheme == "https",
        addresses=addresses,
    )


def _parsed(url: str) -> tuple[SplitResult, str, int]:
    if len(url) > MAX_URL_LENGTH or _UNPRINTABLE.search(url):
        raise AddressBlocked("The address is too long or holds a space or a control character.")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        host = host if ":" in host else host.encode("idna").decode()
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except (ValueError, UnicodeError) as error:
        raise AddressBlocked("The address is not one that a program can read.") from error
    if not host or parts.username is not None or parts.password is not None:
        raise AddressBlocked("The address names no host, or a user in front of it.")
    if "%" in host or (_NUMBER.fullmatch(host.rpartition(".")[2]) and not _is_address(host)):
        raise AddressBlocked("The host is a number or a network card in disguise.")
    return parts, host, port


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Say whether an IP address leads to the public internet and nowhere else."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        is_inner = ip not in _V6_UNICAST or any(ip in network for network in _V6_TUNNELS)
    else:
        is_inner = ip.is_reserved or any(ip in network for network in _V4_SPECIAL)
    return ip.is_global and not ip.is_multicast and not is_inner


@contextmanager
def _exchange(
    method: str, target: _Target, *, headers: Mapping[str, str], body: bytes | None, ends_at: float
) -> Iterator[HTTPResponse]:
    connection = HTTPConnection(target.host, target.port)
    try:
        plain = _connected(target, ends_at=ends_at)
        with plain, _cut_off(plain, at=ends_at):
            connection.sock = _secured(plain, target) if target.is_secure else plain
            sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers}
            connection.request(method, target.path, body=body, headers=sent)
            yield connection.getresponse()
            if monotonic() >= ends_at:
                raise TimeoutError  # What was read may have been cut off without a sign of it.
    except (OSError, HTTPException) as error:
        late = isinstance(error, TimeoutError) or monotonic() >= ends_at
        reason = "took too long to answer" if late else "could not be reached"
        raise Unreachable(f"The host {target.host} {reason}.") from error
    finally:
        connection.close()


def _connected(target: _Target, *, ends_at: float) -> socket.socket:
    refusal: OSError = TimeoutError()
    for address in target.addresses:
        rest = ends_at - monotonic()
        if rest <= 0:
            break
        try:
            return socket.create_connection((address, target.port), timeout=rest)
        except OSError as error:
            refusal = error
    raise refusal


def _secured(plain: socket.socket, target: _Target) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)


@contextmanager
def _cut_off(connected: socket.socket, *, at: float) -> Iterator[None]:
    """End the conversation at that instant; a socket's own timeout starts anew with each byte."""
    twin = socket.socket(fileno=os.dup(connected.fileno()))

    def cut() -> None:
        try:
            twin.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # It has ended by itself.

    watch = threading.Timer(max(at - monotonic(), 0.001), cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
        watch.join()
        twin.close()
