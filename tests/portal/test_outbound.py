from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_httpserver import HTTPServer
from werkzeug import Response

from portal import outbound
from portal.errors import TooLarge
from portal.outbound import AddressBlocked, Unreachable, fetch, is_public, post

KIB = 1024
INNER_ADDRESSES = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",  # noqa: S104 - an address to refuse, not to bind
    "100.64.0.1",
    "192.0.0.8",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "fd00::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
    "2001:db8::1",
    "2001:0:7f00:1::",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
]


@pytest.mark.parametrize("address", INNER_ADDRESSES)
def test_an_inner_address_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "::ffff:93.184.215.14", "2606:4700::1111"])
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)


@pytest.fixture
def no_friends(settings):
    settings.OUTBOUND_ALLOWED_HOSTS = []


@pytest.fixture
def names(monkeypatch):
    """Answer for names of the test's own; each look-up takes the next; the last stays."""
    known: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        if host not in known:
            return real(host, port, *args, **kwargs)
        answers = known[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1%25lo]/",
        "https://0.0.0.0/",
        "https://100.64.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.0x1/",
        "https://127.1/",
        "https://017700000001/",
        "https://１２７.0.0.1/",
        "https://user@example.com/",
        "https://user:word@example.com/",
        "https://:@example.com/",
        "https:///nowhere",
        "https://",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://example.com/\r\nHost: inner",
        "https://example.com\\@127.0.0.1/",
        "https://[::1/",
        f"https://example.com/{'a' * 2000}",
        f"https://{'a' * 70}.com/",
        "http://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "example.com",
        "",
    ],
)
@pytest.mark.usefixtures("no_friends")
def test_an_address_that_may_lead_inside_is_blocked(url):
    with pytest.raises(AddressBlocked) as refusal:
        fetch(url, max_bytes=KIB)

    assert refusal.value.code == "address_blocked"
    with pytest.raises(AddressBlocked):
        post(url, body=b"{}", headers={})


@pytest.mark.usefixtures("no_friends")
def test_one_inner_address_among_public_ones_is_enough_to_block(names):
    names["mixed.example"] = [["93.184.215.14", "10.0.0.7"]]

    with pytest.raises(AddressBlocked):
        fetch("https://mixed.example/", max_bytes=KIB)


def test_an_unknown_host_is_unreachable(names, monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(Unreachable, match="Nobody knows"):
        fetch("https://nobody.example/", max_bytes=KIB)


def test_a_document_is_fetched_with_its_type_and_tag(httpserver: HTTPServer):
    httpserver.expect_request("/api.json", query_string="v=%C3%BC").respond_with_data(
        b'{"openapi": "3.1.0"}', content_type="application/json", headers={"ETag": '"7"'}
    )

    fetched = fetch(httpserver.url_for("/api.json?v=ü#part"), max_bytes=KIB)

    assert fetched.body == b'{"openapi": "3.1.0"}'
    assert (fetched.content_type, fetched.etag) == ("application/json", '"7"')


def test_a_redirect_is_followed_and_the_last_address_is_reported(httpserver: HTTPServer):
    httpserver.expect_request("/old").respond_with_response(
        Response(status=302, headers={"Location": "/new"})
    )
    httpserver.expect_request("/new").respond_with_data(b"here")

    assert fetch(httpserver.url_for("/old"), max_bytes=KIB).url == httpserver.url_for("/new")


@pytest.mark.parametrize("inner", ["http://10.0.0.1/", "https://169.254.169.254/", "file:///etc"])
def test_a_redirect_to_a_private_address_is_blocked(httpserver: HTTPServer, inner):
    httpserver.expect_request("/").respond_with_response(
        Response(status=302, headers={"Location": inner})
    )

    with pytest.raises(AddressBlocked):
        fetch(httpserver.url_for("/"), max_bytes=KIB)


def test_a_redirect_loop_ends(httpserver: HTTPServer):
    httpserver.expect_request("/").respond_with_response(
        Response(status=301, headers={"Location": "/"})
    )

    with pytest.raises(Unreachable, match="too often"):
        fetch(httpserver.url_for("/"), max_bytes=KIB)

    assert len(httpserver.log) == 4


def test_a_redirect_that_cannot_be_read_is_a_refusal(httpserver: HTTPServer):
    httpserver.expect_request("/").respond_with_response(
        Response(status=301, headers={"Location": "http://[broken"})
    )

    with pytest.raises(Unreachable):
        fetch(httpserver.url_for("/"), max_bytes=KIB)


@pytest.mark.parametrize("length", [{}, {"Content-Length": "2000"}])
def test_a_body_that_is_too_large_is_not_read_to_its_end(httpserver: HTTPServer, length):
    body = b"x" * 2000
    chunks = Response(iter([body]), headers=length)
    httpserver.expect_request("/").respond_with_response(chunks)

    with pytest.raises(TooLarge):
        fetch(httpserver.url_for("/"), max_bytes=1999)


def test_a_body_of_exactly_the_cap_is_read(httpserver: HTTPServer):
    httpserver.expect_request("/").respond_with_data(b"x" * KIB)

    assert len(fetch(httpserver.url_for("/"), max_bytes=KIB).body) == KIB


@pytest.mark.parametrize(
    "answer",
    [
        Response(status=404),
        Response(status=500),
        Response(status=304),
        Response(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
    ],
)
def test_an_answer_without_the_document_is_unreachable(httpserver: HTTPServer, answer):
    httpserver.expect_request("/").respond_with_response(answer)

    with pytest.raises(Unreachable):
        fetch(httpserver.url_for("/"), max_bytes=KIB)


def test_a_post_carries_its_body_and_headers_and_follows_nothing(httpserver: HTTPServer):
    httpserver.expect_request(
        "/hook", method="POST", data=b'{"a":1}', headers={"Webhook-Id": "m1"}
    ).respond_with_response(Response(b"no", status=307, headers={"Location": "/", "X-Mark": "y"}))

    answer = post(httpserver.url_for("/hook"), body=b'{"a":1}', headers={"Webhook-Id": "m1"})

    assert (answer.status, answer.body, answer.headers["x-mark"]) == (307, b"no", "y")
    assert len(httpserver.log) == 1


def test_no_more_than_64_kilobytes_of_an_answer_are_read(httpserver: HTTPServer):
    httpserver.expect_request("/hook").respond_with_data(b"x" * 100_000)

    assert len(post(httpserver.url_for("/hook"), body=b"", headers={}).body) == 65_536


@pytest.fixture
def dripping():
    """Serve one connection a byte at a time, for ever; return the port."""
    server = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            sent = b"HTTP/1.1 200 OK\r\n\r\n"
            while not stopped.wait(0.05):
                try:
                    connection.sendall(sent[:1] or b"x")
                except OSError:
                    return
                sent = sent[1:]

    thread = threading.Thread(target=drip)
    thread.start()
    yield server.getsockname()[1]
    stopped.set()
    thread.join()
    server.close()


def test_an_answer_that_drips_is_cut_off_when_the_time_is_up(dripping):
    began = time.monotonic()

    with pytest.raises(Unreachable, match="too long"):
        fetch(f"http://127.0.0.1:{dripping}/", max_bytes=KIB, timeout=1.5)

    assert time.monotonic() - began < 60  # It would drip for ever.


def test_a_host_that_says_nothing_is_unreachable():
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(Unreachable, match="too long"),
    ):
        post(f"http://127.0.0.1:{silent.getsockname()[1]}/", body=b"", headers={}, timeout=0.3)


def test_a_closed_port_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(Unreachable, match="could not be reached"):
        fetch(f"http://127.0.0.1:{port}/", max_bytes=KIB)


@pytest.mark.parametrize(
    "answer", [b"", b"SMTP ready\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"]
)
def test_an_answer_that_is_not_whole_http_is_unreachable(answer):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(KIB)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(Unreachable):
            fetch(f"http://127.0.0.1:{server.getsockname()[1]}/", max_bytes=KIB, timeout=3)
        thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """Make a certificate of our own authority for `hook.example`, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hook.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "hook.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def secure_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(host="127.0.0.1", port=0, ssl_context=context) as server:
        yield server


@pytest.fixture
def _loopback_counts_as_public(monkeypatch):
    """Let a test server stand for a host on the internet."""
    monkeypatch.setattr(
        outbound, "is_public", lambda address: address == "127.0.0.1" or is_public(address)
    )


@pytest.mark.usefixtures("no_friends", "_loopback_counts_as_public")
def test_the_vetted_address_is_the_one_connected_to(secure_server, certificate, names, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    names["hook.example"] = [["127.0.0.1"], ["10.255.255.1"]]
    secure_server.expect_request("/hook", method="POST").respond_with_data(b"thanks")
    url = f"https://hook.example:{secure_server.port}/hook"

    answer = post(url, body=b"{}", headers={}, timeout=5)

    assert answer.body == b"thanks"
    assert secure_server.log[0][0].host == f"hook.example:{secure_server.port}"
    with pytest.raises(AddressBlocked):  # The name now leads inside; it is looked up anew.
        post(url, body=b"{}", headers={}, timeout=5)


@pytest.mark.usefixtures("no_friends", "_loopback_counts_as_public")
def test_a_certificate_for_another_name_is_not_accepted(
    secure_server, certificate, names, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    names["other.example"] = [["127.0.0.1"]]

    with pytest.raises(Unreachable):
        fetch(f"https://other.example:{secure_server.port}/", max_bytes=KIB, timeout=5)

    assert not secure_server.log


def test_a_certificate_that_nobody_vouches_for_is_not_accepted_even_from_a_friend(secure_server):
    with pytest.raises(Unreachable):
        fetch(f"https://127.0.0.1:{secure_server.port}/", max_bytes=KIB, timeout=5)
