"""Scenario 19 of the acceptance list: a secret changes in the middle of a storm of retries."""

from __future__ import annotations

import socket
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from partners.webhooks import actions, sending
from partners.webhooks.models import Attempt, Endpoint, Message
from portal import outbound
from portal.access.actors import SYSTEM
from portal.events.log import deliver_due, record
from portal.events.models import Event
from portal.notifications.models import Message as Letter
from portal.outbound import Answer
from portal.retrying import WAITS
from tests.partners.webhooks.conftest import withdrawn

STORM = 1000
# So many of them come due before, in and after the overlap.
DUE = 50


@pytest.fixture
def sent(monkeypatch):
    """Be the outside: answer 503 to everything, and keep the headers and the body of each."""
    kept: list[tuple[dict[str, str], bytes]] = []

    def post(_url: str, *, body: bytes, headers: dict[str, str], timeout: float) -> Answer:
        kept.append((headers, body))
        return Answer(503, {}, b"")

    monkeypatch.setattr(outbound, "post", post)
    return kept


def storm(organization, endpoint: Endpoint) -> None:
    """Write a thousand messages that failed before, each as often as its place says."""
    event = withdrawn(organization)
    Message.objects.all().delete()
    copies = [
        Event(
            kind=event.kind,
            subject=event.subject,
            actor=event.actor,
            organization_id=organization.pk,
            facts=event.facts,
            public_id=uuid.uuid4(),
        )
        for _ in range(STORM)
    ]
    Event.objects.bulk_create(copies)
    Message.objects.bulk_create(
        Message(
            event=one,
            endpoint=endpoint,
            kind=one.kind,
            body='{"type": "x"}',
            attempt_count=1 + n % 6,
            next_attempt_at=timezone.now() + timedelta(hours=n % 75 + 1),
        )
        for n, one in enumerate(copies)
    )


def attempt_some(sent: list[tuple[dict[str, str], bytes]]) -> list[tuple[dict[str, str], bytes]]:
    """Let the time of some have come, and return what was sent."""
    sent.clear()
    due = Message.objects.order_by("pk").values("pk")[:DUE]
    past = timezone.now() - timedelta(seconds=1)
    Message.objects.filter(pk__in=due).update(next_attempt_at=past)
    sending.deliver_due_messages(seconds=600)
    return list(sent)


def test_s19_each_attempt_is_signed_with_the_secrets_of_its_moment(
    hooked, organization, owner, sent
):
    endpoint, old = hooked
    storm(organization, endpoint)
    before = attempt_some(sent)
    new = actions.roll_secret(endpoint, by=owner)
    during = attempt_some(sent)
    Endpoint.objects.update(previous_ends_at=timezone.now())
    after = attempt_some(sent)

    assert [len(before), len(during), len(after)] == [DUE, DUE, DUE]
    for attempts, valid, ended in (
        (before, [old], [new]),
        (during, [old, new], []),
        (after, [new], [old]),
    ):
        # The same ids in all three; the library refuses a timestamp that is five minutes old, too.
        assert ids_of(attempts) == ids_of(before)
        for headers, body in attempts:
            for secret in valid:
                assert Webhook(secret).verify(body, headers)
            for secret in ended:
                with pytest.raises(WebhookVerificationError):
                    Webhook(secret).verify(body, headers)


def ids_of(attempts: list[tuple[dict[str, str], bytes]]) -> set[str]:
    return {headers["webhook-id"] for headers, _ in attempts}


def test_s19_a_secret_that_leaked_signs_nothing_more(hooked, organization, owner, sent):
    endpoint, old = hooked
    withdrawn(organization)
    deliver_due()

    new = actions.roll_secret(endpoint, by=owner, is_leaked=True)
    sending.deliver_due_messages()

    [(headers, body)] = sent
    assert Webhook(new).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(body, headers)


def test_s19_retries_go_on_for_three_days():
    assert timedelta(hours=72) < timedelta(seconds=sum(WAITS)) < timedelta(hours=80)


def test_s19_gone_means_gone_and_the_owner_is_told(hooked, organization, owner, monkeypatch):
    monkeypatch.setattr(outbound, "post", lambda *_, **__: Answer(410, {}, b""))
    withdrawn(organization)
    deliver_due()

    sending.deliver_due_messages()

    assert Endpoint.objects.get().disabled_reason == "gone"
    assert Letter.objects.get().user_id == owner.person_id


def test_s19_a_name_that_leads_inside_later_is_refused(hooked, organization, monkeypatch, settings):
    """The address is looked at in each attempt, and what was looked at is what is connected to."""
    settings.OUTBOUND_ALLOWED_HOSTS = []
    asked: list[str] = []

    def rebound(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "8.8.8.8" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    Endpoint.objects.update(url="https://rebinding.example/hooks")
    assert outbound.vet("https://rebinding.example/hooks").addresses == ("8.8.8.8",)
    withdrawn(organization)
    deliver_due()

    sending.deliver_due_messages()

    assert Attempt.objects.get().outcome == "address_blocked"
    assert len(asked) == 2


def test_what_is_queued_for_an_unproven_address_waits(organization, owner, sent):
    actions.add_endpoint(organization, by=owner, url="https://app.example/hooks")
    actions.queue_event(record_in(organization))

    sending.deliver_due_messages()

    assert [b"challenge" in body for _, body in sent] == [True]


def record_in(organization) -> Event:
    return record(
        "consent.arrangement.withdrawn",
        organization,
        by=SYSTEM,
        organization_id=organization.pk,
        application="app",
    )
