from __future__ import annotations

import json
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from standardwebhooks import Webhook
from werkzeug import Request, Response

from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.pseudonyms import pseudonym_of
from partners.applications.models import Application
from partners.organizations.actors import actor_of
from partners.webhooks import actions, sending
from partners.webhooks.models import Attempt, Endpoint, Message
from portal import outbound
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message as Letter
from tests.factories.consent import share
from tests.factories.partners import ApplicationFactory, OrganizationFactory
from tests.factories.people import member
from tests.partners.webhooks.conftest import withdrawn


def _slow_answer(_: Request) -> Response:
    time.sleep(0.1)
    return Response("")


def deliver() -> int:
    """Let everything that waits be due, then send it."""
    Message.objects.waiting().update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    return sending.deliver_due_messages()


def test_a_withdrawal_arrives_signed_and_thin(hooked, organization, httpserver):
    endpoint, secret = hooked
    httpserver.expect_ordered_request("/hooks", method="POST").respond_with_data("", status=204)

    event = withdrawn(organization)
    assert deliver_due() == 1
    assert deliver() == 1

    request, _ = httpserver.log[0]
    told = Webhook(secret).verify(request.data, dict(request.headers))
    assert told["type"] == "consent.arrangement.withdrawn"
    assert request.headers["webhook-id"] == str(event.public_id)
    endpoint.refresh_from_db()
    assert endpoint.status == Endpoint.Status.ACTIVE
    [attempt] = Attempt.objects.all()
    assert (attempt.status_code, attempt.outcome, attempt.number) == (204, "delivered", 1)


def test_an_event_is_queued_once_however_often_its_handler_runs(hooked, organization):
    event = withdrawn(organization)

    actions.queue_event(event)
    actions.queue_event(event)

    assert Message.objects.count() == 1


def test_only_the_own_organization_and_application_are_told(organization, owner, httpserver):
    mine = ApplicationFactory(organization=organization)
    for application in (None, mine):
        actions.add_endpoint(
            organization, by=owner, url=httpserver.url_for("/hooks"), application=application
        )
    other = OrganizationFactory(approved=True)
    actions.add_endpoint(other, by=member(other, Role.OWNER), url=httpserver.url_for("/other"))
    Message.objects.all().delete()

    actions.queue_event(withdrawn(organization, application="another"))
    actions.queue_event(withdrawn(organization, application=mine.slug))

    told = Message.objects.values_list("endpoint__organization_id", "endpoint__application_id")
    assert sorted(told, key=str) == sorted(
        [(organization.pk, None), (organization.pk, None), (organization.pk, mine.pk)], key=str
    )
    assert Application.objects.count() == 1


def test_retries_keep_the_id_and_the_body_and_change_the_time(hooked, organization, httpserver):
    _, secret = hooked
    httpserver.expect_ordered_request("/hooks").respond_with_data("", status=503)
    httpserver.expect_ordered_request("/hooks").respond_with_data("", status=200)
    withdrawn(organization)
    deliver_due()

    assert deliver() == 0
    assert Endpoint.objects.get().status == Endpoint.Status.FAILING
    assert deliver() == 1

    first, second = (request for request, _ in httpserver.log)
    assert first.data == second.data
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    for request in (first, second):
        assert Webhook(secret).verify(request.data, dict(request.headers))


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 500])
def test_everything_but_a_2xx_is_a_failure_and_no_redirect_is_followed(
    hooked, organization, httpserver, status
):
    httpserver.expect_request("/hooks").respond_with_response(
        Response("", status, {"Location": httpserver.url_for("/elsewhere")})
    )
    withdrawn(organization)
    deliver_due()

    assert deliver() == 0

    assert [request.path for request, _ in httpserver.log] == ["/hooks"]
    assert Attempt.objects.get().outcome == "refused"
    message = Message.objects.get()
    assert message.status == Message.Status.WAITING
    assert message.next_attempt_at > timezone.now() + timedelta(seconds=3)


def test_retry_after_is_obeyed(hooked, organization, httpserver):
    httpserver.expect_request("/hooks").respond_with_data(
        "", status=429, headers={"Retry-After": "900"}
    )
    withdrawn(organization)
    deliver_due()

    deliver()

    assert Message.objects.get().next_attempt_at > timezone.now() + timedelta(minutes=14)


def test_410_switches_the_address_off_and_its_people_hear_of_it(
    hooked, organization, owner, httpserver
):
    httpserver.expect_request("/hooks").respond_with_data("", status=410)
    withdrawn(organization)
    deliver_due()

    deliver()

    endpoint = Endpoint.objects.get()
    assert (endpoint.status, endpoint.disabled_reason) == ("disabled", "gone")
    assert Message.objects.get().status == Message.Status.FAILED
    letter = Letter.objects.get()
    assert letter.user_id == owner.person_id
    assert endpoint.url in letter.text
    assert Event.objects.filter(kind="partners.webhook.disabled").count() == 1
    actions.queue_event(withdrawn(organization))
    assert Message.objects.count() == 1


def test_after_ten_attempts_the_address_is_switched_off(hooked, organization, httpserver):
    httpserver.expect_request("/hooks").respond_with_data("", status=500)
    withdrawn(organization)
    deliver_due()

    for _ in range(12):
        deliver()

    assert len(httpserver.log) == 10
    assert Message.objects.get().status == Message.Status.FAILED
    assert Endpoint.objects.get().disabled_reason == "no_answer"


def test_one_failing_address_does_not_hold_up_another(hooked, organization, owner, httpserver):
    actions.add_endpoint(organization, by=owner, url=httpserver.url_for("/good"))
    Message.objects.all().delete()
    Endpoint.objects.update(status=Endpoint.Status.ACTIVE)
    httpserver.expect_request("/hooks").respond_with_data("", status=500)
    httpserver.expect_request("/good").respond_with_data("")
    for _ in range(5):
        withdrawn(organization)
    deliver_due()

    assert sending.deliver_due_messages() == 5

    paths = [request.path for request, _ in httpserver.log]
    assert paths.count("/hooks") == 1


def test_an_address_in_a_private_network_is_never_reached(hooked, organization, settings):
    settings.OUTBOUND_ALLOWED_HOSTS = []
    Endpoint.objects.update(url="https://127.0.0.1:9/hooks")
    withdrawn(organization)
    deliver_due()

    assert deliver() == 0

    assert Attempt.objects.get().outcome == "address_blocked"


def test_an_address_that_nobody_answers_at_is_tried_again(hooked, organization):
    Endpoint.objects.update(url="http://127.0.0.1:1/hooks")
    withdrawn(organization)
    deliver_due()

    assert deliver() == 0

    assert Attempt.objects.get().outcome == "unreachable"
    assert Message.objects.get().status == Message.Status.WAITING


def test_while_a_secret_changes_both_verify(hooked, owner, organization, httpserver):
    endpoint, old = hooked
    new = actions.roll_secret(endpoint, by=owner)
    httpserver.expect_request("/hooks").respond_with_data("")
    withdrawn(organization)
    deliver_due()
    deliver()
    request, _ = httpserver.log[0]

    for secret in (old, new):
        assert Webhook(secret).verify(request.data, dict(request.headers))

    Endpoint.objects.update(previous_ends_at=timezone.now())
    withdrawn(organization)
    deliver_due()
    deliver()
    assert " " not in httpserver.log[1][0].headers["webhook-signature"]


def test_the_secret_is_sealed_at_rest(hooked):
    endpoint, secret = hooked

    endpoint.refresh_from_db()

    assert secret.removeprefix("whsec_") not in endpoint.sealed_secret


@pytest.mark.django_db(transaction=True)
def test_two_workers_side_by_side_never_make_one_attempt_twice(httpserver):
    organization = OrganizationFactory(approved=True)
    owner = member(organization, Role.OWNER)
    actions.add_endpoint(organization, by=owner, url=httpserver.url_for("/hooks"))
    Endpoint.objects.update(status=Endpoint.Status.ACTIVE)
    httpserver.expect_request("/hooks").respond_with_handler(_slow_answer)
    for _ in range(8):
        withdrawn(organization)
    deliver_due()

    def work():
        sending.deliver_due_messages()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    ids = [request.headers["webhook-id"] for request, _ in httpserver.log]
    assert len(ids) == len(set(ids)) == 9
    assert set(Message.objects.values_list("status", flat=True)) == {"delivered"}


def test_a_worker_that_dies_with_a_message_leaves_it_to_the_next(
    hooked, organization, httpserver, monkeypatch
):
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    withdrawn(organization)
    deliver_due()
    with monkeypatch.context() as patched:
        patched.setattr(outbound, "post", die)
        with pytest.raises(Killed):
            sending.deliver_due_messages()
    assert sending.deliver_due_messages() == 0

    httpserver.expect_request("/hooks").respond_with_data("")
    assert deliver() == 1

    assert [one.outcome for one in Attempt.objects.order_by("number")] == ["", "delivered"]


def test_what_was_delivered_is_sent_again_on_request_under_the_same_id(
    hooked, organization, owner, httpserver
):
    httpserver.expect_request("/hooks").respond_with_data("")
    withdrawn(organization)
    deliver_due()
    deliver()

    actions.send_again(Message.objects.get(), by=owner)
    deliver()

    first, second = (request for request, _ in httpserver.log)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert json.loads(first.data) == json.loads(second.data)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_new_address_repeats_a_word_and_then_hears_what_waited(
    organization, owner, httpserver, form
):
    heard = []

    def repeat(request: Request) -> Response:
        told = json.loads(request.data)
        heard.append(told["type"])
        word = told["data"].get("challenge", "")
        return Response(json.dumps({"challenge": word}) if form == "json" else word)

    httpserver.expect_request("/hooks").respond_with_handler(repeat)
    actions.add_endpoint(organization, by=owner, url=httpserver.url_for("/hooks"))
    withdrawn(organization)
    deliver_due()

    assert sending.deliver_due_messages() == 2

    assert heard == ["partners.webhook.added", "consent.arrangement.withdrawn"]
    assert Endpoint.objects.get().status == Endpoint.Status.ACTIVE


@pytest.mark.parametrize("body", ["", "ok", '{"challenge": "x"}', '{"challenge": []}', "{", "[]"])
def test_an_address_that_only_says_yes_is_not_proven(organization, owner, httpserver, body):
    httpserver.expect_request("/hooks").respond_with_data(body)
    actions.add_endpoint(organization, by=owner, url=httpserver.url_for("/hooks"))
    withdrawn(organization)
    deliver_due()

    assert deliver() == 0

    assert len(httpserver.log) == 1
    assert Attempt.objects.get().outcome == "not_repeated"
    assert Endpoint.objects.get().status == Endpoint.Status.PENDING


def test_the_word_of_another_address_proves_nothing(organization, owner, httpserver):
    words = []

    def take(request: Request) -> Response:
        words.append(json.loads(request.data)["data"]["challenge"])
        return Response(words[0])

    for path in ("/mine", "/theirs"):
        httpserver.expect_request(path).respond_with_handler(take)
        actions.add_endpoint(organization, by=owner, url=httpserver.url_for(path))
    sending.deliver_due_messages()

    states = dict(Endpoint.objects.values_list("url", "status"))
    assert states == {
        httpserver.url_for("/mine"): Endpoint.Status.ACTIVE,
        httpserver.url_for("/theirs"): Endpoint.Status.PENDING,
    }


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SIGNER, Role.SECURITY_CONTACT])
def test_only_owners_and_developers_manage_addresses(hooked, organization, role):
    endpoint, _ = hooked
    by = member(organization, role)
    actions.try_endpoint(endpoint, by=member(organization, Role.DEVELOPER))
    message = Message.objects.get()

    for act in (
        lambda: actions.add_endpoint(organization, by=by, url="https://app.example/"),
        lambda: actions.roll_secret(endpoint, by=by),
        lambda: actions.try_endpoint(endpoint, by=by),
        lambda: actions.disable_endpoint(endpoint, by=by),
        lambda: actions.remove_endpoint(endpoint, by=by),
        lambda: actions.send_again(message, by=by),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_an_organization_has_at_most_ten_addresses(organization, owner):
    for number in range(actions.MAX_ENDPOINTS):
        actions.add_endpoint(organization, by=owner, url=f"https://app{number}.example/")

    with pytest.raises(Conflict, match="addresses already"):
        actions.add_endpoint(organization, by=owner, url="https://one-more.example/")


def test_a_customer_who_stops_is_named_to_the_partner_by_pseudonym_only(httpserver, db):
    arrangement = share()
    client = arrangement.client
    owner = member(client.application.organization, Role.OWNER)
    _, secret = actions.add_endpoint(
        client.application.organization, by=owner, url=httpserver.url_for("/hooks")
    )
    Message.objects.all().delete()
    Endpoint.objects.update(status=Endpoint.Status.ACTIVE)
    httpserver.expect_request("/hooks").respond_with_data("")

    user = arrangement.customer.user
    withdraw_arrangement(arrangement, by=actor_of(user))
    deliver_due()
    deliver()

    request, _ = httpserver.log[0]
    told = Webhook(secret).verify(request.data, dict(request.headers))["data"]
    assert told["grant_id"] == str(arrangement.pk)
    assert told["sub"] == str(pseudonym_of(arrangement.customer, client.application))
    assert len(told["scopes"]) == 2
    for value in (user.email, user.name, f'"{user.pk}"'):
        assert value.encode() not in request.data
