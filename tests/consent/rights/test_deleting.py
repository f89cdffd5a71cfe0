"""“Ask to delete”: one application is asked, once nothing is shared with it any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent.arrangements.ending import withdraw_arrangement
from consent.rights import actions, attesting, deleting
from consent.rights.models import DataRequest, Task
from consent.rights.recipients import write_down_overdue
from partners.organizations.actors import actor_of
from portal.accounts.models import User
from portal.errors import NotAllowed
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.consent import CustomerFactory
from tests.factories.people import UserFactory
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
Status = DataRequest.Status


@pytest.fixture
def stopped(leila):
    """Return the application that Leila has stopped sharing with."""
    withdraw_arrangement(leila.first, by=leila.by)
    return leila.first.client.application


@pytest.fixture
def address(stopped) -> str:
    return f"/me/rights/deletion/{stopped.slug}/"


def test_an_ended_app_is_asked_to_delete_in_two_steps(client, leila, stopped, address):
    sign_in(client, leila.by)
    page = client.get(f"/me/apps/{stopped.slug}/").text
    assert page.count(f'href="{address}"') == 2

    told = client.get(address).text
    answer = client.post(address, follow=True)

    request = DataRequest.objects.get()
    assert "has until" in told
    assert "our privacy officer looks into it" in told
    assert answer.request["PATH_INFO"] == request.get_absolute_url()
    assert stopped.name in answer.text
    assert (request.kind, request.application) == ("deletion", stopped)


def test_only_that_application_is_asked_and_about_all_of_it(leila, stopped):
    request = deleting.ask_to_delete(leila.customer, stopped, by=leila.by)

    task = Task.objects.get()
    assert (task.request, task.application, task.action) == (request, stopped, "delete")
    assert task.cluster_codes == ["*"]
    assert task.due_at - task.created_at == timedelta(days=14)
    assert Event.objects.filter(kind="data.deletion_requested").count() == 1


def test_the_page_says_the_day_by_which_the_application_answers(client, leila, stopped, address):
    sign_in(client, leila.by)

    page = client.get(address)

    due = page.context["due_at"] - timezone.now()
    assert timedelta(days=13, hours=23) < due <= timedelta(days=14)


def test_what_is_still_shared_is_stopped_first(client, leila):
    sign_in(client, leila.by)
    slug = leila.second.client.application.slug

    page = client.get(f"/me/rights/deletion/{slug}/").text
    answer = client.post(f"/me/rights/deletion/{slug}/")

    assert f"/me/apps/{slug}/stop/" in page
    assert "Ask to delete" not in page
    assert answer.status_code == 409
    assert not DataRequest.objects.exists()


def test_asking_again_leads_to_what_was_asked(client, leila, stopped, address):
    request = deleting.ask_to_delete(leila.customer, stopped, by=leila.by)
    sign_in(client, leila.by)

    assert client.get(address)["Location"] == request.get_absolute_url()
    assert client.post(address)["Location"] == request.get_absolute_url()
    with pytest.raises(actions.AlreadyAsked):
        deleting.ask_to_delete(leila.customer, stopped, by=leila.by)
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("exemption", "status", "mail", "words"),
    [
        ("", Status.COMPLETED, "rights/completed", "your request is done"),
        ("law", Status.REFUSED, "rights/refused", "not all of it is deleted"),
    ],
    ids=["done", "exempt"],
)
def test_the_answer_of_the_application_ends_the_request(
    leila, stopped, partner, *, exemption, status, mail, words
):
    request = deleting.ask_to_delete(leila.customer, stopped, by=leila.by)

    attesting.attest_task(Task.objects.get(), by=partner, exemption=exemption)
    deliver_due()

    request.refresh_from_db()
    assert request.status == status
    assert request.ended_at is not None
    assert words in Message.objects.get(kind=mail, user=leila.user).text


def test_who_asked_reads_what_the_application_said(client, leila, stopped, partner):
    request = deleting.ask_to_delete(leila.customer, stopped, by=leila.by)
    attesting.attest_task(Task.objects.get(), by=partner, exemption="claim")
    sign_in(client, leila.by)

    page = client.get(request.get_absolute_url()).text

    assert "We need it for a legal claim" in page


def test_once_answered_it_may_be_asked_again(leila, stopped, partner):
    deleting.ask_to_delete(leila.customer, stopped, by=leila.by)
    attesting.attest_task(Task.objects.get(), by=partner)

    deleting.ask_to_delete(leila.customer, stopped, by=leila.by)

    assert Task.objects.count() == 2


def test_a_silent_application_is_closed_by_the_officer_with_words(leila, stopped, mina):
    request = deleting.ask_to_delete(leila.customer, stopped, by=leila.by)
    Task.objects.update(created_at=timezone.now() - timedelta(days=20), due_at=timezone.now())
    assert write_down_overdue() == 1

    actions.answer_request(request, by=mina, answer="We ended their access.", is_granted=True)

    request.refresh_from_db()
    assert request.status == Status.COMPLETED
    assert actions.answer_of(request) == "We ended their access."
    assert Task.objects.get().is_open


def test_a_late_answer_does_not_open_what_the_officer_has_closed(leila, stopped, mina, partner):
    request = deleting.ask_to_delete(leila.customer, stopped, by=leila.by)
    actions.answer_request(request, by=mina, answer="They are gone.", is_granted=False)

    attesting.attest_task(Task.objects.get(), by=partner)

    request.refresh_from_db()
    assert request.status == Status.REFUSED


def test_what_was_asked_of_an_application_cannot_be_called_back(client, leila, stopped):
    request = deleting.ask_to_delete(leila.customer, stopped, by=leila.by)
    sign_in(client, leila.by)

    assert "Take the request back" not in client.get(request.get_absolute_url()).text
    assert client.post(f"{request.get_absolute_url()}cancel/").status_code == 409


def test_nobody_else_asks_for_it(client, leila, stopped, address):
    stranger = actor_of(UserFactory())

    with pytest.raises(NotAllowed):
        deleting.ask_to_delete(leila.customer, stopped, by=stranger)
    sign_in(client, actor_of(CustomerFactory().user))
    assert client.post(address).status_code == 404


def test_the_database_keeps_one_open_request_for_each_application(leila, stopped):
    first = deleting.ask_to_delete(leila.customer, stopped, by=leila.by)
    first.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_the_page_and_its_mail_are_in_the_customers_language(client, leila, stopped, address):
    User.objects.filter(pk=leila.user.pk).update(locale="ar")
    sign_in(client, leila.by)

    page = client.get(address).text
    client.post(address)
    deliver_due()

    assert "طلب الحذف" in page
    assert "أسبوعان" in Message.objects.get(kind="rights/received").text
