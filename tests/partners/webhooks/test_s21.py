"""S21: whatever a receiver does, news arrives once by its id, and in its order."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError
from werkzeug import Request, Response

from consent.arrangements.changing import pause_arrangement, resume_arrangement
from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement
from partners.organizations.actors import actor_of
from partners.webhooks import actions, sending
from partners.webhooks.models import Attempt, Endpoint, Message
from portal.access.actors import Role
from portal.events.log import deliver_due
from portal.events.models import Event
from tests.factories.consent import share
from tests.factories.gateway import make_gate
from tests.factories.people import member, user_of
from tests.partners.webhooks.conftest import withdrawn
from tests.partners.webhooks.test_sending import deliver

PUBLIC = "1.1.1.1"  # resolved by a stand-in, never connected to


@contextmanager
def raw_server(talk) -> Iterator[str]:
    """Serve each connection by a function of its socket, as no HTTP library would."""
    listening = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            try:
                connected, _ = listening.accept()
            except OSError:
                return
            with connected:
                connected.recv(65536)
                try:
                    talk(connected, stopped)
                except OSError:
                    continue  # The other side has had enough.

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hooks"
    finally:
        stopped.set()
        listening.close()


def dribble_headers(connected, stopped) -> None:
    connected.sendall(b"HTTP/1.1 200 OK\r\n")
    while not stopped.is_set():
        connected.sendall(b"X-More: 1\r\n")
        time.sleep(0.05)


def dribble_body(connected, stopped) -> None:
    connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    while not stopped.is_set():
        connected.sendall(b"x")
        time.sleep(0.05)


def say_nothing(_connected, stopped) -> None:
    stopped.wait(20)


def hang_up(_connected, _stopped) -> None:
    return


@pytest.fixture
def gate(transactional_db):
    return make_gate()


@pytest.fixture
def connections(monkeypatch) -> list[tuple[str, int]]:
    """Return where the portal connects to while it sends."""
    known, seen = socket.create_connection, []

    def connect(address, *args, **kwargs):
        seen.append(address)
        return known(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", connect)
    return seen


@pytest.mark.parametrize(
    "talk",
    [dribble_headers, dribble_body, say_nothing, hang_up],
    ids=["slow headers", "slow body", "silence", "hangs up"],
)
def test_s21_who_answers_without_end_holds_nobody_up(hooked, organization, monkeypatch, talk):
    monkeypatch.setattr(sending, "TIMEOUT_SECONDS", 0.4)
    withdrawn(organization)
    deliver_due()

    with raw_server(talk) as url:
        Endpoint.objects.update(url=url)
        assert deliver() == 0

    [attempt] = Attempt.objects.all()
    assert (attempt.outcome, attempt.status_code) == ("unreachable", None)
    assert Message.objects.get().status == Message.Status.WAITING


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_s21_a_redirect_to_the_machines_own_keys_is_not_followed(
    hooked, organization, httpserver, connections, status
):
    inside = {"Location": "http://169.254.169.254/latest/meta-data/iam/"}
    httpserver.expect_request("/hooks").respond_with_response(Response("", status, inside))
    withdrawn(organization)
    deliver_due()

    deliver()

    assert connections == [("127.0.0.1", httpserver.port)]
    assert Attempt.objects.get().outcome == "refused"


def test_s21_a_name_that_leads_inside_the_second_time_is_resolved_once(
    hooked, organization, settings, monkeypatch
):
    """DNS rebinding: the address that was looked at is the one that is connected to."""
    settings.OUTBOUND_ALLOWED_HOSTS = []
    Endpoint.objects.update(url="https://rebinds.example/hooks")
    answers, reached = [PUBLIC, "127.0.0.1", "169.254.169.254"], []

    def resolve(_host, port, *_args, **_kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    def connect(address, *_args, **_kwargs):
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    withdrawn(organization)
    deliver_due()

    deliver()
    first = Attempt.objects.get().outcome
    deliver()

    assert reached == [(PUBLIC, 443)]
    assert first == "unreachable"
    # Now the name leads inside: nobody connects at all.
    assert Attempt.objects.get(number=2).outcome == "address_blocked"


@pytest.mark.parametrize("inside", ["10.0.0.8", "169.254.169.254", "::1", "fd00::1", "127.0.0.1"])
def test_s21_a_name_with_one_address_inside_is_not_connected_to(
    hooked, organization, settings, monkeypatch, inside
):
    settings.OUTBOUND_ALLOWED_HOSTS = []
    Endpoint.objects.update(url="https://both.example/hooks")
    reached = []
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in (PUBLIC, inside)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: both)
    monkeypatch.setattr(socket, "create_connection", lambda *args, **_kwargs: reached.append(args))
    withdrawn(organization)
    deliver_due()

    deliver()

    assert reached == []
    assert Attempt.objects.get().outcome == "address_blocked"


def test_s21_410_ends_it_at_once_and_500_only_after_ten(hooked, organization, owner, httpserver):
    gone, _ = actions.add_endpoint(organization, by=owner, url=httpserver.url_for("/gone"))
    Message.objects.all().delete()
    Endpoint.objects.update(status=Endpoint.Status.ACTIVE)
    httpserver.expect_request("/hooks").respond_with_data("", status=500)
    httpserver.expect_request("/gone").respond_with_data("", status=410)
    withdrawn(organization)
    deliver_due()

    for _ in range(11):
        deliver()

    paths = [request.path for request, _ in httpserver.log]
    assert (paths.count("/hooks"), paths.count("/gone")) == (10, 1)
    reasons = Endpoint.objects.values_list("pk", "disabled_reason")
    assert dict(reasons)[gone.pk] == "gone"
    assert sorted(dict(reasons).values()) == ["gone", "no_answer"]


def test_s21_an_answer_that_got_lost_makes_a_duplicate_with_the_same_id(
    hooked, organization, httpserver
):
    _, secret = hooked
    event = withdrawn(organization)
    deliver_due()
    taken: list[bytes] = []

    def take_and_hang_up(connected, _stopped) -> None:
        taken.append(b"")

    with raw_server(take_and_hang_up) as url:
        Endpoint.objects.update(url=url)
        deliver()
    httpserver.expect_request("/hooks").respond_with_data("")
    Endpoint.objects.update(url=httpserver.url_for("/hooks"))
    deliver()

    assert len(taken) == 1  # It was received, and nobody here could know.
    [(request, _)] = httpserver.log
    assert request.headers["webhook-id"] == str(event.public_id)
    assert Webhook(secret).verify(request.data, dict(request.headers))


@pytest.mark.django_db(transaction=True)
def test_s21_news_that_overtakes_is_put_in_order_by_its_sequence(httpserver):
    """A receiver that keeps the highest sequence of each grant ends where the customer is."""
    arrangement = share()
    by = actor_of(arrangement.customer.user)
    organization = arrangement.client.application.organization
    actions.add_endpoint(
        organization, by=member(organization, Role.OWNER), url=httpserver.url_for("/hooks")
    )
    deliver_due()
    Message.objects.all().delete()
    Endpoint.objects.update(status=Endpoint.Status.ACTIVE)
    pause_arrangement(arrangement, by=by)
    resume_arrangement(arrangement, by=by)
    withdraw_arrangement(arrangement, by=by)
    deliver_due()
    known: dict[str, tuple[int, str]] = {}
    arrived = []

    def receive(request: Request) -> Response:
        told = json.loads(request.data)
        arrived.append(told["data"]["sequence"])
        if arrived[-1] > known.get(told["data"]["grant_id"], (0, ""))[0]:
            known[told["data"]["grant_id"]] = (arrived[-1], told["type"])
        return Response("")

    httpserver.expect_request("/hooks").respond_with_handler(receive)
    newest_first = Message.objects.order_by("-pk")
    for place, message in enumerate(newest_first):
        at = timezone.now() - sending.CLAIM + sending.CLAIM * place / 10
        Message.objects.filter(pk=message.pk).update(next_attempt_at=at)
    sending.deliver_due_messages()

    assert arrived == [4, 3, 2]
    assert known == {str(arrangement.pk): (4, "consent.arrangement.withdrawn")}


def test_s21_the_sequence_of_a_grant_has_no_gaps(db):
    arrangement = share()
    by = actor_of(arrangement.customer.user)
    for _ in range(2):
        pause_arrangement(arrangement, by=by)
        pause_arrangement(arrangement, by=by)  # It is paused already: no news.
        resume_arrangement(arrangement, by=by)
    withdraw_arrangement(arrangement, by=by)
    share()

    told = Event.objects.about(arrangement).order_by("pk")

    assert [event.facts["sequence"] for event in told] == [1, 2, 3, 4, 5, 6]


def test_s21_the_signature_is_over_the_bytes_and_not_over_what_they_mean(
    hooked, organization, httpserver
):
    _, secret = hooked
    httpserver.expect_request("/hooks").respond_with_data("")
    withdrawn(organization, scopes=["prescriptions:read"])
    deliver_due()
    deliver()
    request, _ = httpserver.log[0]
    headers = dict(request.headers)
    same_meaning = json.dumps(json.loads(request.data), separators=(",", ":")).encode()

    assert Webhook(secret).verify(request.data, headers)
    assert same_meaning != request.data
    for changed in (same_meaning, request.data + b"\n", request.data.replace(b"read", b"reaD")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(changed, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.data, headers | {"Webhook-Id": "another"})


def test_s21_while_a_secret_changes_either_verifies_and_afterwards_only_the_new_one(
    hooked, owner, organization, httpserver
):
    endpoint, old = hooked
    httpserver.expect_request("/hooks").respond_with_data("")
    new = actions.roll_secret(endpoint, by=owner)
    withdrawn(organization)
    deliver_due()
    deliver()
    Endpoint.objects.update(previous_ends_at=timezone.now())
    withdrawn(organization)
    deliver_due()
    deliver()

    (during, _), (after, _) = httpserver.log
    for secret in (old, new):
        assert Webhook(secret).verify(during.data, dict(during.headers))
    assert Webhook(new).verify(after.data, dict(after.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after.data, dict(after.headers))


def test_s21_enforcement_never_waits_for_a_receiver(gate, httpserver):
    token = gate.token()
    arrangement = Arrangement.objects.get()
    organization = arrangement.client.application.organization
    actions.add_endpoint(
        organization, by=member(organization, Role.OWNER), url=httpserver.url_for("/hooks")
    )
    Message.objects.all().delete()
    Endpoint.objects.update(status=Endpoint.Status.ACTIVE)
    refusals = []

    def ask_meanwhile(request: Request) -> Response:
        """Call as the application while it is being told, and refuse to have been told."""
        if json.loads(request.data)["type"] == "consent.arrangement.withdrawn":
            refusals.append(gate.ask(token)["X-Portal-Reason"])
            connection.close()
        return Response("", 500)

    httpserver.expect_request("/hooks").respond_with_handler(ask_meanwhile)
    assert gate.ask(token).status_code == 204

    withdraw_arrangement(arrangement, by=actor_of(arrangement.customer.user))

    assert gate.ask(token)["X-Portal-Reason"] == "consent_withdrawn"
    deliver_due()
    assert deliver() == 0
    assert refusals == ["consent_withdrawn"]


def test_s21_what_is_sent_again_from_its_page_keeps_its_id(
    hooked, organization, owner, httpserver, client
):
    httpserver.expect_request("/hooks").respond_with_data("")
    event = withdrawn(organization)
    deliver_due()
    deliver()
    message = Message.objects.get()
    client.force_login(user_of(owner))

    page = client.get(message.get_absolute_url())
    action = re.search(r'action="([^"]+/again/)"', page.text)
    client.post(action[1])
    deliver()

    ids = {request.headers["webhook-id"] for request, _ in httpserver.log}
    assert len(httpserver.log) == 2
    assert ids == {str(event.public_id)}
    assert httpserver.log[0][0].data == httpserver.log[1][0].data


@pytest.mark.django_db(transaction=True)
def test_s21_what_was_rolled_back_is_never_told_and_what_was_committed_always(httpserver):
    arrangement = share()
    by = actor_of(arrangement.customer.user)
    organization = arrangement.client.application.organization
    actions.add_endpoint(
        organization, by=member(organization, Role.OWNER), url=httpserver.url_for("/hooks")
    )
    deliver_due()
    Message.objects.all().delete()
    Endpoint.objects.update(status=Endpoint.Status.ACTIVE)
    httpserver.expect_request("/hooks").respond_with_data("")

    with transaction.atomic():
        withdraw_arrangement(arrangement, by=by)
        transaction.set_rollback(True)
    deliver_due()
    deliver()
    told_before = len(httpserver.log)
    withdraw_arrangement(arrangement, by=by)
    deliver_due()
    deliver()

    assert told_before == 0
    [(request, _)] = httpserver.log
    kept = Event.objects.get(kind="consent.arrangement.withdrawn")
    assert request.headers["webhook-id"] == str(kept.public_id)
