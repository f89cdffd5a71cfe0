"""Workers that die and hints that get lost: late is all that anything is, never lost or doubled."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from threading import Event as Signal

import pytest
import redis
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from portal.demo import services
from tests.factories.hooks import repeat
from tests.flows.journey import eventually
from tests.flows.person import Person
from tests.stack import PASSWORD, Stack

pytestmark = [pytest.mark.nginx, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]
WITHDRAWN = "consent.arrangement.withdrawn"
PAUSED = "consent.arrangement.paused"
TESTED = "partners.webhook.tested"


class Receiver:
    """A partner's server. The first test message that it gets, it keeps waiting."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.heard: list[tuple[str, str]] = []
        self.let_go = Signal()

    def __call__(self, request: Request) -> Response:
        kind = json.loads(request.get_data())["type"]
        self.heard.append((kind, request.headers["webhook-id"]))
        if [one for one, _ in self.heard].count(TESTED) == 1 and kind == TESTED:
            self.let_go.wait(30)
        return repeat(request)

    def ids_of(self, kind: str) -> list[str]:
        return [message_id for one, message_id in self.heard if one == kind]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        receiver = Receiver(server.url_for("/hooks"))
        server.expect_request("/hooks", method="POST").respond_with_handler(receiver)
        yield receiver
        receiver.let_go.set()


@pytest.fixture(scope="module")
def amara(stack: Stack, receiver) -> Person:
    person = Person(stack.portal)
    person.sign_in("amara@halden.example", PASSWORD)
    person.open("/webhooks/new/")
    person.submit(url=receiver.url)
    eventually(lambda: receiver.ids_of("partners.webhook.added"))
    return person


def stop_worker(stack: Stack, with_signal: signal.Signals = signal.SIGTERM) -> None:
    worker = stack.service("worker")
    worker.stop(with_signal)
    stack.running.remove(worker)


def start_worker(stack: Stack) -> None:
    stack.running.append(services.start_worker(stack.environment, home=stack.home))


def lose_what_the_broker_holds(stack: Stack) -> None:
    socket, _, _ = stack.environment["REDIS_URL"].removeprefix("unix://").partition("?")
    number = int(stack.environment["PORTAL_REDIS_FIRST_DATABASE"])
    redis.Redis(unix_socket_path=socket, db=number).flushdb()


def nothing_is_due(stack: Stack) -> bool:
    [(due,)] = stack.sql("SELECT count(*) FROM events_delivery WHERE delivered_at IS NULL")
    return bool(due == 0)


def test_news_whose_hint_was_lost_is_carried_by_the_sweep(stack, amara, receiver):
    leila = Person(stack.portal)
    leila.sign_in("leila@example.net", PASSWORD)
    eventually(lambda: nothing_is_due(stack))
    stop_worker(stack)
    leila.open("/me/apps/halden-counter/stop/")
    leila.submit(button="Stop sharing")
    assert receiver.ids_of(WITHDRAWN) == []

    lose_what_the_broker_holds(stack)
    start_worker(stack)

    eventually(lambda: receiver.ids_of(WITHDRAWN), seconds=60)
    eventually(lambda: nothing_is_due(stack))
    assert len(receiver.ids_of(WITHDRAWN)) == 1
    mails = stack.sql(
        "SELECT m.key FROM notifications_message m JOIN events_event e"
        " ON m.key LIKE e.public_id || ':%%' WHERE e.kind = %s AND e.recorded_at > now() - interval"
        " '5 minutes'",
        WITHDRAWN,
    )
    assert len(mails) == len(set(mails)) > 0


def test_s21_what_was_committed_is_told_although_the_worker_was_killed_before_it_sent(
    stack, amara, receiver
):
    """The worker stands still at the commit, and dies of kill -9 before it has sent anything."""
    leila = Person(stack.portal)
    leila.sign_in("leila@example.net", PASSWORD)
    eventually(lambda: nothing_is_due(stack))
    os.killpg(stack.service("worker").process.pid, signal.SIGSTOP)
    leila.open("/me/apps/halden-refill/")
    leila.submit(button="Pause")
    [(event_id,)] = stack.sql(
        "SELECT public_id::text FROM events_event WHERE kind = %s ORDER BY id DESC LIMIT 1", PAUSED
    )
    assert receiver.ids_of(PAUSED) == []

    stop_worker(stack, signal.SIGKILL)
    assert receiver.ids_of(PAUSED) == []
    start_worker(stack)

    eventually(lambda: receiver.ids_of(PAUSED), seconds=60)
    leila.open("/me/apps/halden-refill/")
    leila.submit(button="Let it go on")
    eventually(lambda: receiver.ids_of("consent.arrangement.resumed"), seconds=60)
    eventually(lambda: nothing_is_due(stack))
    assert receiver.ids_of(PAUSED) == [event_id]


def test_a_worker_that_is_killed_at_work_loses_nothing(stack, amara, receiver):
    eventually(lambda: nothing_is_due(stack))
    before = receiver.ids_of(WITHDRAWN)
    amara.open("/webhooks/")
    [(endpoint_id,)] = stack.sql("SELECT id FROM webhooks_endpoint WHERE url = %s", receiver.url)
    amara.open(f"/webhooks/{endpoint_id}/")
    amara.submit(button="Send a test")
    eventually(lambda: receiver.ids_of(TESTED))

    stop_worker(stack, signal.SIGKILL)
    receiver.let_go.set()
    [(message_id, status, attempts)] = stack.sql(
        "SELECT id, status, attempt_count FROM webhooks_message"
        " WHERE kind = %s AND endpoint_id = %s",
        TESTED,
        endpoint_id,
    )
    assert (status, attempts) == ("waiting", 1)
    # Let the minute pass that the dead worker had claimed it for.
    stack.sql_do("UPDATE webhooks_message SET next_attempt_at = now() WHERE id = %s", message_id)
    start_worker(stack)

    query = "SELECT number, outcome FROM webhooks_attempt WHERE message_id = %s ORDER BY number"
    delivered = [(1, ""), (2, "delivered")]
    eventually(lambda: stack.sql(query, message_id) == delivered, seconds=60)
    first, second = receiver.ids_of(TESTED)
    assert first == second
    # Work that came before is not done again by the new one.
    assert receiver.ids_of(WITHDRAWN) == before
    assert len(receiver.ids_of("partners.webhook.added")) == 1
