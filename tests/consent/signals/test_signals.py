"""A client's news: by cursor, by poll (RFC 8936), and pushed (RFC 8935) as signed tokens."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet

from consent.arrangements import ending
from consent.arrangements.models import Arrangement
from consent.keys import jws
from consent.signals import actions, handlers
from consent.signals.models import Signal
from consent.signals.tasks import forget_old_signals
from consent.signals.tokens import TYPE, VERIFICATION
from partners.organizations.actors import actor_of
from partners.webhooks import actions as webhooks
from partners.webhooks import sending
from partners.webhooks.models import Endpoint, Message
from portal.access.actors import SYSTEM, Actor, Role
from portal.accounts.models import User
from portal.errors import Conflict
from portal.events.log import deliver_due, record
from portal.events.models import Delivery, Event
from tests.factories.oauth import World, make_stranger, make_world
from tests.factories.partners import ClientFactory
from tests.factories.people import member
from tests.races.threads import at_once

JSON = "application/json"
WITHDRAWN = "consent.arrangement.withdrawn"


@pytest.fixture
def world(db) -> World:
    return make_world()


@pytest.fixture
def own(world) -> dict[str, str]:
    return managing(world)


@pytest.fixture
def owner(world) -> Actor:
    return member(world.client.application.organization, Role.OWNER)


def managing(world: World, scope: str = "grant_management_query") -> dict[str, str]:
    answer = world.post(grant_type="client_credentials", scope=scope).json()
    return {"Authorization": f"Bearer {answer['access_token']}"}


def read(own: dict[str, str], query: str = "") -> Any:
    return Browser().get(f"/oauth/signals{query}", headers=own)


def poll(own: dict[str, str], **said: object) -> Any:
    return Browser().post("/oauth/signals/poll", said, content_type=JSON, headers=own)


def happened(world: World, kind: str = WITHDRAWN, **facts: object) -> Event:
    """Record an event that concerns the client and nothing else, and let its news be kept."""
    application = world.client.application
    told = {"client_id": world.client.client_id, "application": application.slug, "version": 1}
    with transaction.atomic():
        event = record(
            kind,
            application,
            by=SYSTEM,
            organization_id=application.organization_id,
            **({**told, **facts}),
        )
        Delivery.objects.exclude(handler__startswith=handlers.__name__).delete()
    deliver_due()
    return event


def claims_of(token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(jws.jwks())
    read_token = jwt.decode(token, keys, algorithms=["ES256"])
    assert read_token.header["typ"] == TYPE
    return dict(read_token.claims)


def given(world: World) -> Arrangement:
    grant_id = world.exchange(world.code()).json()["grant_id"]
    return Arrangement.objects.get(pk=grant_id)


def test_a_client_reads_what_became_of_its_consents_in_order(world, own):
    arrangement = given(world)
    ending.withdraw_arrangement(arrangement, by=actor_of(world.customer.user))
    deliver_due()

    answer = read(own).json()

    assert [(each["number"], each["type"]) for each in answer["events"]] == [
        (1, "consent.arrangement.given"),
        (2, WITHDRAWN),
    ]
    assert {each["data"]["grant_id"] for each in answer["events"]} == {str(arrangement.pk)}
    assert (answer["next"], answer["more"]) == ("2", False)


def test_a_page_ends_where_the_next_begins(world, own):
    events = [str(happened(world).public_id) for _ in range(3)]

    first = read(own, "?limit=2").json()
    second = read(own, f"?limit=2&after={first['next']}").json()
    third = read(own, f"?after={second['next']}").json()

    assert [each["id"] for each in [*first["events"], *second["events"]]] == events
    assert (first["more"], second["more"], third["events"]) == (True, False, [])
    assert third["next"] == second["next"]


def test_news_is_of_one_client_alone(world, own):
    neighbour = ClientFactory(application=world.client.application)
    stranger = ClientFactory()
    for client in (neighbour, stranger):
        happened(world, client_id=client.client_id)

    assert read(own).json()["events"] == []
    assert Signal.objects.filter(stream=neighbour.pk).count() == 1
    # Another organization's client is not told, whatever the event says.
    assert not Signal.objects.filter(stream=stranger.pk).exists()


def test_what_concerns_an_application_is_news_for_each_of_its_clients(world):
    neighbour = ClientFactory(application=world.client.application)

    happened(world, "data.deletion_requested", client_id=None)

    assert set(Signal.objects.values_list("stream", flat=True)) == {world.client.pk, neighbour.pk}


def test_an_event_is_kept_once_however_often_it_is_delivered(world, own):
    event = happened(world)

    actions.keep_signal(event)

    assert [each["number"] for each in read(own).json()["events"]] == [1]


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_when_much_happens_at_once():
    world = make_world()
    events = [happened(world) for _ in range(2)]
    Signal.objects.all().delete()
    for _ in range(4):
        with transaction.atomic():
            events.append(
                record(
                    WITHDRAWN,
                    world.client.application,
                    by=SYSTEM,
                    organization_id=world.client.application.organization_id,
                    client_id=world.client.client_id,
                )
            )

    at_once(*[partial(actions.keep_signal, event) for event in events])

    numbers = Signal.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    "query",
    ["?after=x", "?after=-1", "?limit=0", "?limit=101", "?after=1&after=2", "?until=3"],
    ids=["words", "negative", "no limit", "too many", "twice", "unknown"],
)
def test_a_question_that_means_nothing_is_refused(own, query):
    answer = read(own, query)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer["Cache-Control"] == "no-store"


def test_a_cursor_whose_news_is_gone_is_told_so_and_not_skipped(world, own):
    with time_machine.travel(timezone.now() - timedelta(days=31), tick=True):
        happened(world)
        happened(world)
    assert forget_old_signals() == 2
    late = read(own, "?after=1")
    happened(world)

    assert (late.status_code, late.json()["error"]) == (410, "cursor_too_old")
    assert read(own, "?after=1").status_code == 410
    assert [each["number"] for each in read(own).json()["events"]] == [3]
    assert read(own, "?after=2").status_code == 200


@pytest.mark.parametrize("method", ["get", "post"], ids=["page", "poll"])
def test_only_a_clients_own_token_for_grants_reads_news(world, method):
    customers = {"Authorization": f"Bearer {world.exchange(world.code()).json()['access_token']}"}
    other = managing(world, "grant_management_revoke")

    def status(headers: dict[str, str]) -> int:
        answer = read(headers) if method == "get" else poll(headers)
        return int(answer.status_code)

    assert [status({}), status(customers), status(other)] == [401, 403, 403]


@pytest.mark.parametrize(
    ("path", "method"),
    [("/oauth/signals", "post"), ("/oauth/signals/poll", "get")],
    ids=["page", "poll"],
)
def test_another_method_is_refused_with_the_right_one(own, path, method):
    answer = getattr(Browser(), method)(path, headers=own)

    assert answer.status_code == 405
    assert answer["Allow"] != method.upper()


def test_a_polled_token_says_what_a_webhook_says_and_is_signed_by_the_issuer(world, own):
    arrangement = given(world)
    ending.withdraw_arrangement(arrangement, by=actor_of(world.customer.user))
    deliver_due()

    answer = poll(own).json()

    event = Event.objects.get(kind=WITHDRAWN)
    claims = claims_of(answer["sets"][str(event.public_id)])
    told = claims["events"][f"{settings.ISSUER}/events/{WITHDRAWN}"]
    assert claims["aud"] == world.client.client_id
    assert (claims["iss"], claims["jti"]) == (settings.ISSUER, str(event.public_id))
    assert claims["sub_id"]["format"] == "iss_sub"
    assert claims["sub_id"]["sub"] != str(world.customer.public_id)
    assert told["grant_id"] == str(arrangement.pk)
    assert told["initiating_entity"] == "user"
    # Nothing by which it could be taken for another kind of token (RFC 8417 §4.5, §4.6).
    assert not {"sub", "exp", "nonce"} & set(claims)
    assert answer["moreAvailable"] is False


def test_what_is_acknowledged_does_not_come_again(world, own):
    first, second, third = (str(happened(world).public_id) for _ in range(3))

    both = poll(own, maxEvents=2).json()
    rest = poll(own, ack=[first], setErrs={second: {"err": "invalid_key", "description": "no"}})

    assert (list(both["sets"]), both["moreAvailable"]) == ([first, second], True)
    assert list(rest.json()["sets"]) == [third]
    assert Signal.objects.get(event__public_id=second).fault == "invalid_key"
    # Who only says what it has asks for nothing.
    done = poll(own, ack=[third], maxEvents=0).json()
    assert done == {"sets": {}, "moreAvailable": False}


def test_nobody_acknowledges_for_another(world, own):
    event = happened(world)
    stranger = managing(make_stranger())

    poll(stranger, ack=[str(event.public_id), str(uuid4()), "nothing", 7], maxEvents=0)

    assert list(poll(own).json()["sets"]) == [str(event.public_id)]


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{", b'{"ack": {}}', b'{"maxEvents": true}', b'{"setErrs": []}', b"x" * 70_000],
    ids=["array", "broken", "ack", "maxEvents", "setErrs", "too long"],
)
def test_a_poll_that_means_nothing_is_refused(own, body):
    answer = Browser().post("/oauth/signals/poll", body, content_type=JSON, headers=own)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_statements_do_not_grow_with_the_news(world, own, warm_ring, django_assert_max_num_queries):
    jws.jwks()
    for _ in range(20):
        happened(world)

    with django_assert_max_num_queries(7):
        assert len(read(own).json()["events"]) == 20
    with django_assert_max_num_queries(7):
        assert len(poll(own).json()["sets"]) == 20


class TestPush:
    @pytest.fixture
    def endpoint(self, world, owner, httpserver) -> Endpoint:
        httpserver.expect_request("/sets").respond_with_data("", status=202)
        endpoint, _ = webhooks.add_endpoint(
            world.client.application.organization,
            by=owner,
            url=httpserver.url_for("/sets"),
            format=Endpoint.Format.TOKEN,
        )
        return endpoint

    def test_the_first_token_only_shows_that_the_way_works(self, world, endpoint, httpserver):
        deliver_due()

        assert sending.deliver_due_messages() == 1

        (request, _), *_ = httpserver.log
        claims = claims_of(request.get_data(as_text=True))
        assert request.headers["Content-Type"] == "application/secevent+jwt"
        assert "webhook-signature" not in request.headers
        assert claims["events"] == {VERIFICATION: {}}
        assert claims["aud"] == world.client.client_id
        endpoint.refresh_from_db()
        assert endpoint.status == Endpoint.Status.ACTIVE

    def test_news_is_pushed_as_one_token(self, world, endpoint, httpserver):
        event = happened(world)
        actions.push_signal(event)

        body = Message.objects.get(event=event).body
        assert claims_of(body)["jti"] == str(event.public_id)
        sending.deliver_due_messages()
        assert body in [request.get_data(as_text=True) for request, _ in httpserver.log]

    def test_what_is_no_news_of_consents_is_not_pushed(self, world, endpoint):
        event = happened(world, "partners.subscription.activated")

        assert not Message.objects.filter(event=event).exists()

    def test_an_endpoint_gets_one_kind_of_message(self, world, owner, endpoint):
        plain, _ = webhooks.add_endpoint(
            world.client.application.organization, by=owner, url="https://app.example/plain"
        )
        Message.objects.all().delete()
        event = happened(world)
        webhooks.queue_event(event)

        bodies = {each.endpoint_id: each.body for each in Message.objects.filter(event=event)}
        assert bodies[plain.pk].startswith("{")
        assert claims_of(bodies[endpoint.pk])

    def test_there_is_no_secret_to_change(self, owner, endpoint):
        with pytest.raises(Conflict, match="published keys"):
            webhooks.roll_secret(endpoint, by=owner)

    def test_the_page_shows_no_secret_for_it(self, world, owner, endpoint):
        browser = Browser()
        browser.force_login(User.objects.get(pk=owner.person_id))

        page = browser.get(endpoint.get_absolute_url())
        added = browser.post(
            "/webhooks/new/", {"url": "https://app.example/tokens", "format": "token"}
        )

        assert "Make a new secret" not in page.content.decode()
        assert "Security Event Tokens" in page.content.decode()
        assert added.status_code == 302
