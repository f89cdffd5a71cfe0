"""What the world's name servers say: asked of the resolver that the deployment names."""

from __future__ import annotations

from django.conf import settings
from dns.exception import DNSException
from dns.name import EmptyLabel, LabelTooLong
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from portal.outbound import Unreachable

_SECONDS = 5


def texts_at(name: str) -> list[str]:
    """Return the TXT records of a name, each as one text; none where there are none.

    Raises `Unreachable` where nobody answers in time.
    """
    resolver = Resolver(configure=not settings.DNS_SERVERS)
    if settings.DNS_SERVERS:
        hosts = [server.rpartition(":") for server in settings.DNS_SERVERS]
        resolver.nameservers = [host for host, _, _ in hosts]
        resolver.nameserver_ports = {host: int(port) for host, _, port in hosts}
    try:
        answer = resolver.resolve(name, "TXT", lifetime=_SECONDS, search=False)
    except (NXDOMAIN, NoAnswer, EmptyLabel, LabelTooLong):
        return []
    except DNSException as error:
        raise Unreachable(f"No name server answered for {name}.") from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
