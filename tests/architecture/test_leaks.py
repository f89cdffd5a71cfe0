"""Whatever people and programs keep to themselves stays out of logs, events, tasks and addresses.

The portal runs as processes, with its logs turned up to INFO and with faults built in whose
messages quote secrets (`leaky.py`). A partner and a customer walk the whole flow and stumble where
people stumble. Then every value they used is looked for where it must not be.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pytest_httpserver import HTTPServer

from portal.demo.people import CUSTOMERS, PARTNERS, STAFF
from tests.architecture.canaries import Addresses, Broker, Canaries, require_none
from tests.flows import journey
from tests.flows.journey import Client, Partner, eventually, problem
from tests.flows.person import Person
from tests.flows.software import LiveClient
from tests.stack import PASSWORD, Stack, require_program, running_stack

pytestmark = [pytest.mark.nginx, pytest.mark.xdist_group("stack"), pytest.mark.timeout(600)]
REDIS_DATABASE = 62
NAME = "Zdenka Quillfeather"
WORDS = "an exception that quotes a patient"
ADDRESS = "quoted-by-the-database@people.example"
LOGS = ("manage.log", "web.log", "worker.log", "beat.log", "nginx.log")
KINDS = {
    "mail address", "name", "password", "mail code", "wrong mail code", "wrong password",
    "one-time link", "client secret", "wrong client secret", "webhook secret", "code", "state",
    "PKCE verifier", "access token", "refresh token", "words in an exception", "words in a query",
    "session cookie", "CSRF cookie", "key of the portal", "Basic credentials", "private key",
    "client assertion", "DPoP proof",
}  # fmt: skip


@dataclass(repr=False)
class Walk:
    """What is left of it: who used what, and everything that was written down on the way."""

    stack: Stack
    canaries: Canaries
    addresses: Addresses
    broker: Broker

    def text_of(self, *path: str) -> str:
        return self.stack.home.joinpath(*path).read_text(errors="replace")

    def lines(self) -> list[dict]:
        """Return the log lines that web, worker and beat wrote as JSON."""
        lines = [line for name in LOGS for line in self.text_of("log", name).splitlines()]
        return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.fixture(scope="module")
def walk(tmp_path_factory) -> Walk:
    require_program("nginx")
    home = tmp_path_factory.mktemp("leaks")
    settings = {
        "DJANGO_SETTINGS_MODULE": "tests.architecture.leaky_settings",
        "PORTAL_LOG_LEVEL": "INFO",
        "PORTAL_STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "LEAKY_WORDS": WORDS,
        "LEAKY_ADDRESS": ADDRESS,
    }
    with ExitStack() as opened:
        with written_into(home / "log" / "manage.log"):
            stack = opened.enter_context(
                running_stack(home, name="leaks", redis_database=REDIS_DATABASE, **settings)
            )
        hook = opened.enter_context(HTTPServer(host="127.0.0.1"))
        hook.expect_request("/hooks", method="POST").respond_with_data("", status=204)
        socket, _, _ = stack.environment["REDIS_URL"].removeprefix("unix://").partition("?")
        broker, addresses = Broker(socket, REDIS_DATABASE), Addresses(journey.CALLBACK)
        walk = Walk(stack, Canaries(), addresses, broker)
        with broker.overheard(), addresses.written_down():
            take(walk, hook.url_for("/hooks"))
        yield walk


@contextmanager
def written_into(path: Path) -> Iterator[None]:
    """Send what this process' children say into a log: the test runner would show it as it is."""
    path.parent.mkdir(exist_ok=True)
    kept = [os.dup(1), os.dup(2)]
    with path.open("ab") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
        try:
            yield
        finally:
            for stream, was in zip((1, 2), kept, strict=True):
                os.dup2(was, stream)
                os.close(was)


def take(walk: Walk, hook: str) -> None:
    know_the_world(walk)
    partner = Partner(walk.stack.portal)
    become_a_partner(walk, partner)
    forget_a_password(walk)
    go_live(walk, partner)
    add_a_webhook(walk, partner, hook)
    leila = sign_in_badly_first(walk, "leila@example.net")
    share_and_stop(walk, live_software(walk, partner), leila)
    ask_with_wrong_secrets(walk, partner)
    break_things(walk, partner)
    for person in (partner, leila):
        jar = {name.rpartition("_")[0] or name: value for name, value in cookies(person).items()}
        walk.canaries.add("session cookie", *find(jar, "session"))
        walk.canaries.add("CSRF cookie", *find(jar, "csrf"))


def cookies(person: Person) -> dict[str, str]:
    return {cookie.name: str(cookie.value) for cookie in person.session.cookies}


def find(jar: dict[str, str], word: str) -> list[str]:
    return [value for name, value in jar.items() if word in name]


def know_the_world(walk: Walk) -> None:
    people = STAFF | PARTNERS | CUSTOMERS
    names = {(entry[0] if isinstance(entry, tuple) else entry) for entry in people.values()}
    walk.canaries.add("mail address", *people, journey.EMAIL, ADDRESS, "nobody@people.example")
    walk.canaries.add("name", *names, NAME)
    walk.canaries.add("password", PASSWORD, journey.OWN_PASSWORD)
    walk.canaries.add("words in an exception", WORDS)
    environment = walk.stack.environment
    walk.canaries.add(
        "key of the portal",
        *(environment[name] for name in ("SECRET_KEY", "PORTAL_KEYS", "PORTAL_GATEWAY_KEY")),
    )


def become_a_partner(walk: Walk, partner: Partner) -> None:
    partner.open("/sign-up/")
    partner.submit(email=journey.EMAIL, password1=journey.OWN_PASSWORD)
    walk.canaries.add("wrong mail code", "WRNG-C0DE")
    partner.submit(code="WRNG-C0DE")
    code = journey.mailed_code(walk.stack, journey.EMAIL)
    walk.canaries.add("mail code", code)
    partner.submit(code=code)
    partner.open("/accounts/profile/")
    partner.submit(name=NAME)
    journey.join(partner)
    journey.register(partner)
    walk.canaries.add("client secret", partner.sandbox[1])
    sandbox = Client(walk.stack, partner.sandbox)
    token = sandbox.own_token("pharmacies:read")
    walk.canaries.add("access token", token)
    assert sandbox.call(token, "/pharmacies").status_code == 200
    journey.answer_questionnaire(partner)


def forget_a_password(walk: Walk) -> None:
    jonas = Person(walk.stack.portal)
    jonas.open("/accounts/password/forgotten/")
    jonas.submit(email="jonas@example.net")
    [(link,)] = eventually(
        lambda: walk.stack.sql(
            "SELECT link FROM notifications_message WHERE kind = 'accounts/password_reset'"
        )
    )
    walk.canaries.add("one-time link", link.rstrip("/").rpartition("/")[2])
    walk.canaries.add("password", "what-jonas-chose-then-9")
    jonas.open(link)
    jonas.submit(password1="what-jonas-chose-then-9", password2="what-jonas-chose-then-9")


def go_live(walk: Walk, partner: Partner) -> None:
    stack = walk.stack
    tomas, priya = Person(stack.portal), Person(stack.portal)
    tomas.sign_in("tomas@meridian.example", PASSWORD)
    priya.sign_in("priya@meridian.example", PASSWORD)
    journey.approve(stack, tomas, priya, wait_for="questionnaire")
    journey.ask_for_production(partner)
    journey.approve(stack, tomas, priya, wait_for="access")
    journey.register_a_key(partner)
    walk.canaries.add("private key", str(partner.live[1]["d"]))
    walk.canaries.add("Basic credentials", basic(*partner.sandbox))


def live_software(walk: Walk, partner: Partner) -> LiveClient:
    """Return the partner's software, whose assertions and proofs are noted as they are sent."""
    client = journey.live(walk.stack, partner)

    def note(response: requests.Response, *_: object, **__: object) -> None:
        body = parse_qs(str(response.request.body or ""))
        walk.canaries.add("client assertion", *body.get("client_assertion", []))
        walk.canaries.add("DPoP proof", *filter(None, [response.request.headers.get("DPoP")]))

    client.library.session.hooks["response"].append(note)
    return client


def basic(name: str, secret: str) -> str:
    return base64.b64encode(f"{name}:{secret}".encode()).decode().rstrip("=")


def add_a_webhook(walk: Walk, partner: Partner, hook: str) -> None:
    partner.open("/webhooks/new/")
    partner.submit(url=hook)
    secret = re.search(r"\bwhsec_[A-Za-z0-9+/=_-]{20,}", partner.page)
    assert secret
    walk.canaries.add("webhook secret", secret.group().rstrip("="))


def sign_in_badly_first(walk: Walk, email: str) -> Person:
    person = Person(walk.stack.portal)
    walk.canaries.add("wrong password", "not-what-leila-chose-1", "typed-in-the-wrong-field-2")
    for login, password in (
        (email, "not-what-leila-chose-1"),
        ("nobody@people.example", "not-what-leila-chose-1"),
        ("typed-in-the-wrong-field-2", "not-what-leila-chose-1"),
    ):
        person.open("/sign-in/")
        person.submit(login=login, password=password)
        assert "/sign-in/" in person.url
    return person


def share_and_stop(walk: Walk, client: LiveClient, leila: Person) -> None:
    canaries = walk.canaries
    # She is asked to sign in on the way, and comes back with the state still in the address.
    leila.open(client.address())
    canaries.add("state", client.state)
    canaries.add("PKCE verifier", client.verifier)
    leila.submit(login="leila@example.net", password=PASSWORD)
    returned = journey.agree(leila, client, optional=["refills:write"])
    canaries.add("state", client.state)
    canaries.add("PKCE verifier", client.verifier)
    canaries.add("code", parse_qs(urlsplit(returned).query)["code"][0])
    token = client.take(returned)
    remember(walk, token)
    use_well_and_badly(walk, client, token)
    refreshed = client.refresh(token)
    remember(walk, refreshed)
    ask_about(walk, client, refreshed)
    leila.open("/me/apps/new-refill/stop/")
    leila.submit(button="Stop sharing")
    assert problem(client.call(refreshed["access_token"], "/prescriptions")) == (
        401,
        "consent_withdrawn",
    )
    assert client.refusal_to_refresh(refreshed) == "invalid_grant"


def remember(walk: Walk, token: dict[str, str]) -> None:
    walk.canaries.add("access token", token["access_token"])
    walk.canaries.add("refresh token", token["refresh_token"])


def use_well_and_badly(walk: Walk, client: LiveClient, token: dict[str, str]) -> None:
    access = token["access_token"]
    item = client.call(access, "/prescriptions").json()["items"][0]["id"]
    # A client that puts into the address what belongs elsewhere: not our doing, so these calls are
    # made past the list of addresses. The body is too long for nginx' memory, which it reports.
    walk.canaries.add("words in a query", "searched-for-my-illness")
    direct(client, "GET", f"/prescriptions?access_token={access}", access)
    direct(client, "GET", "/prescriptions?q=searched-for-my-illness", access)
    direct(
        client,
        "POST",
        f"/prescriptions/{item}/refills?q=searched-for-my-illness",
        access,
        json.dumps({"note": "x" * 40_000}),
    )
    direct(client, "GET", f"/{access}/{token['refresh_token']}", access)


def direct(client: LiveClient, method: str, path: str, token: str, body: str | None = None) -> None:
    host = urlsplit(client.stack.gateway)
    connection = HTTPConnection(host.hostname or "", host.port, timeout=10)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, f"/prescriptions/v1{path}", body=body, headers=headers)
    connection.getresponse().read()
    connection.close()


def ask_about(walk: Walk, client: LiveClient, token: dict[str, str]) -> None:
    assert client.library.introspect_token(token["access_token"])["active"] is True
    own = client.own_token("pharmacies:read")
    walk.canaries.add("access token", own)
    assert client.library.revoke_access_token(own)


def ask_with_wrong_secrets(walk: Walk, partner: Partner) -> None:
    client = Client(walk.stack, partner.sandbox)
    name = partner.sandbox[0]
    wrong = f"mrs_{secrets.token_urlsafe(32)}"
    walk.canaries.add("wrong client secret", wrong)
    own = client.own_token("pharmacies:read")
    walk.canaries.add("access token", own)
    asked = {"token": own}
    for path, form in (
        ("introspection_endpoint", asked),
        ("token_endpoint", {"grant_type": "refresh_token", "refresh_token": "x"}),
        ("revocation_endpoint", asked),
    ):
        address = client.metadata[path]
        refused = requests.post(address, data=form, auth=(name, wrong), timeout=10)
        assert refused.status_code == 401
        body = {**form, "client_id": name, "client_secret": wrong}
        assert requests.post(address, data=body, timeout=10).status_code in {400, 401}


def break_things(walk: Walk, partner: Partner) -> None:
    partner.open("/broken/", status=500)
    partner.open("/tasks/")
    for said in ("raised unexpected", "retry: ", "tells[", "task_logged", "delivery_failed"):
        eventually(lambda said=said: said in walk.text_of("log", "worker.log"))
    eventually(lambda: walk.text_of("log", "worker.log").count("raised unexpected") >= 2)


def test_every_kind_of_secret_was_used(walk):
    assert walk.canaries.kinds() == KINDS


def test_no_log_holds_a_secret_or_a_person(walk):
    places = [(name, walk.text_of("log", name)) for name in LOGS]
    places += [(f"nginx/{name}", walk.text_of("nginx", name)) for name in NGINX_LOGS]

    require_none(walk.canaries.escaped_to(places))


NGINX_LOGS = ("portal.log", "portal-error.log", "error.log")


def test_the_database_does_not_quote_the_row_that_it_refuses(walk):
    # Other tests write to this log too, so only what nobody else has is looked for.
    own = Canaries()
    own.add("row", WORDS, ADDRESS)
    log = Path(os.environ["PORTAL_TEST_SOCKETS"], "log").read_text(errors="replace")

    is_told = "user_email_is_unique" in log  # Apart: an assertion would show what it compared.
    assert is_told
    require_none(own.escaped_to([("postgres", log)]))


def test_the_logs_still_say_what_went_wrong_and_where(walk):
    lines = walk.lines()
    said = {line["event"] for line in lines if isinstance(line["event"], str)}
    told = [error for line in lines for error in line.get("exception", [])]

    assert "request_started" in said
    assert {"RuntimeError", "ValueError", "LookupError"} <= {error["type"] for error in told}
    # The one that quotes a row is told apart by its SQLSTATE, the refusal by its code.
    assert "psycopg.errors.UniqueViolation [23505]" in {error["type"] for error in told}
    assert "portal.errors.Conflict [conflict]" in {error["type"] for error in told}
    [frame] = {error["frames"][-1] for error in told if error["type"] == "LookupError"}
    assert re.search(r"tests/architecture/leaky\.py:\d+ mishear$", frame)
    assert any(re.search(r"leaky\.fails\[.*\] raised unexpected: ValueError$", one) for one in said)
    is_told = " GET /prescriptions/v1/prescriptions 200 " in walk.text_of("nginx", "portal.log")
    assert is_told


def test_no_library_writes_a_traceback_of_its_own(walk):
    assert [name for name in LOGS if "Traceback (most recent" in walk.text_of("log", name)] == []


def test_no_event_and_no_message_to_a_partner_holds_one(walk):
    rows = walk.stack.sql("SELECT kind, subject, actor, facts::text FROM events_event")
    sent = walk.stack.sql("SELECT kind, body FROM webhooks_message")
    places = [(f"event {kind}", " ".join(row)) for kind, *row in rows]
    places += [(f"webhook message {kind}", body) for kind, body in sent]

    assert rows
    assert sent
    require_none(walk.canaries.escaped_to(places))


def test_no_task_carries_anything_and_nothing_lies_in_redis(walk):
    bodies = walk.broker.task_bodies()

    assert bodies
    # A worker's signs of life are mappings; a task is arguments by place and by name, and options.
    tasks = [body for body in map(json.loads, bodies) if isinstance(body, list)]
    assert tasks
    laden_count = sum(task[:2] != [[], {}] for task in tasks)
    assert laden_count == 0
    require_none(
        walk.canaries.escaped_to(
            [("a task message", text) for text in bodies]
            + [("a command to Redis", line) for line in walk.broker.lines]
        )
    )


def test_no_cache_key_holds_one(walk):
    rows = walk.stack.sql("SELECT cache_key FROM accounts_cache")

    require_none(walk.canaries.escaped_to(("the cache's keys", key) for (key,) in rows))


def test_no_address_holds_one_beyond_what_the_protocol_puts_there(walk):
    assert [one for one in walk.addresses.seen if one.location.startswith(journey.CALLBACK)]

    require_none(walk.addresses.escapes(walk.canaries))
