"""A domain is proven by who can write its DNS or its files, and by nobody else."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from partners.organizations import domains
from partners.organizations.models import Domain
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed, TooMany
from portal.events.models import Event
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db


@contextmanager
def name_server(records: dict[str, list[str]]):
    """Run a name server on the loopback that knows these TXT records and nothing else."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                asked, sender = server.recvfrom(2048)
            except OSError:
                return
            if not asked:
                return
            server.sendto(answer_to(dns.message.from_wire(asked), records), sender)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    host, port = server.getsockname()
    try:
        yield f"{host}:{port}"
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (host, port))
        thread.join()
        server.close()


def answer_to(asked: dns.message.Message, records: dict[str, list[str]]) -> bytes:
    answer = dns.message.make_response(asked)
    [question] = asked.question
    texts = records.get(question.name.to_text(omit_final_dot=True))
    if texts is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    else:
        quoted = [" ".join(f'"{part}"' for part in text.split("|")) for text in texts]
        answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", "TXT", quoted))
    return answer.to_wire()


@pytest.fixture
def records(settings):
    known: dict[str, list[str]] = {}
    with name_server(known) as address:
        settings.DNS_SERVERS = [address]
        yield known


@pytest.fixture
def world(monkeypatch, httpserver, settings):
    """Let halden.example and its neighbour be this machine, where files are served."""
    resolve = socket.getaddrinfo

    def here(host, *rest, **more):
        named = host in {"halden.example", "evil.example"}
        return resolve("127.0.0.1" if named else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    settings.OUTBOUND_ALLOWED_HOSTS = ["halden.example", "evil.example"]
    address = f"http://{{name}}:{httpserver.port}/.well-known/meridian-domain.txt"
    monkeypatch.setattr(domains, "FILE_ADDRESS", address)
    return httpserver


@pytest.fixture
def owner():
    return member(OrganizationFactory(), Role.OWNER)


def claimed(owner, name="halden.example"):
    [organization_id] = owner.memberships
    organization = OrganizationFactory._meta.model.objects.get(pk=organization_id)
    return domains.claim_domain(organization, by=owner, name=name)


def test_a_record_proves_it_once_its_text_is_exact(records, owner):
    domain = claimed(owner)
    half = len(domain.proof) // 2
    records["_meridian.halden.example"] = [
        "v=spf1 -all",
        f"{domain.proof[:half]}|{domain.proof[half:]}",
    ]

    domains.prove_domain(domain, by=owner)
    domains.prove_domain(domain, by=owner)

    assert (domain.proven_by, Domain.objects.of_address("a@Halden.example").get()) == (
        "dns",
        domain,
    )
    assert not Domain.objects.of_address("a@sub.halden.example").exists()
    assert [event.kind for event in Event.objects.order_by("pk")] == [
        "partners.domain.claimed",
        "partners.domain.proven",
    ]


def test_a_file_proves_it_as_well(records, world, owner):
    domain = claimed(owner)
    world.expect_request("/.well-known/meridian-domain.txt").respond_with_data(f"{domain.proof}\n")

    domains.prove_domain(domain, by=owner)

    assert domain.proven_by == "file"


@pytest.mark.parametrize("answer", ["nothing", "another", "longer", "large", "elsewhere", "inside"])
def test_nothing_else_proves_it(records, world, owner, settings, answer):
    domain = claimed(owner)
    records["_meridian.halden.example"] = ["meridian-domain=another"]
    path = world.expect_request("/.well-known/meridian-domain.txt")
    if answer == "elsewhere":
        there = f"http://evil.example:{world.port}/there"
        path.respond_with_data("", status=302, headers={"Location": there})
        world.expect_request("/there").respond_with_data(domain.proof)
    elif answer == "inside":
        settings.OUTBOUND_ALLOWED_HOSTS = []
        path.respond_with_data(domain.proof)
    elif answer == "nothing":
        path.respond_with_data("", status=404)
    else:
        body = {"another": "meridian-domain=x", "longer": f"{domain.proof}x", "large": "x" * 5_000}
        path.respond_with_data(body[answer])

    with pytest.raises(domains.NotProven):
        domains.prove_domain(domain, by=owner)

    assert not Domain.objects.proven().exists()


def test_without_a_name_server_the_answer_is_no(settings, world, owner):
    settings.DNS_SERVERS = ["127.0.0.1:9"]
    domain = claimed(owner)

    with pytest.raises(domains.NotProven):
        domains.prove_domain(domain, by=owner)
    with pytest.raises(TooMany):
        domains.prove_domain(domain, by=owner)


def test_a_domain_is_proven_by_one_organization_alone(records, owner):
    other = member(OrganizationFactory(), Role.ORGANIZATION_ADMIN)
    first, second = claimed(owner), claimed(other)
    assert first.code != second.code
    records["_meridian.halden.example"] = [first.proof, second.proof]
    domains.prove_domain(first, by=owner)

    with pytest.raises(Conflict) as refusal:
        domains.prove_domain(second, by=other)

    assert refusal.value.code == "domain_taken"
    domains.release_domain(first, by=owner)
    Domain.objects.update(checked_at=None)
    domains.prove_domain(second, by=other)
    assert Domain.objects.proven().get() == second


@pytest.mark.parametrize(
    "name",
    ["localhost", "10.0.0.1", "https://a.example", "-a.example", "a..example", "[::1]", "a b.c"],
    ids=["one-label", "address", "url", "hyphen", "empty-label", "v6", "space"],
)  # fmt: skip
def test_only_a_domain_is_one(owner, name):
    with pytest.raises(domains.NotADomain):
        claimed(owner, name)


def test_who_may_and_how_many(owner, monkeypatch):
    monkeypatch.setattr(domains, "MAX_CLAIMED", 2)
    claimed(owner, "BÜCHER.example.")
    claimed(owner)

    for name in ("halden.example", "third.example"):
        with pytest.raises(Conflict):
            claimed(owner, name)
    assert Domain.objects.filter(name="xn--bcher-kva.example").exists()
    with pytest.raises(NotAllowed):
        claimed(member(OrganizationFactory(), Role.DEVELOPER))


def test_the_page_says_what_to_put_where(client, records, owner):
    sign_in(client, owner)
    client.post("/settings/domains/", {"name": "halden.example"})
    domain = Domain.objects.get()
    page = client.get("/settings/domains/").content.decode()
    assert domain.proof in page
    assert "_meridian.halden.example" in page
    assert (
        "such as halden.example"
        in client.post("/settings/domains/", {"name": "x"}).content.decode()
    )

    records["_meridian.halden.example"] = [domain.proof]
    client.post(f"/settings/domains/{domain.pk}/proof/")
    assert "a TXT record" in client.get("/settings/domains/").content.decode()
    client.post(f"/settings/domains/{domain.pk}/removal/")
    assert not Domain.objects.exists()
