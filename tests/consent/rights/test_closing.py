"""Closing an account: in the promised order, once, and nobody can tell afterwards who it was."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import serializers
from django.db import connection
from django.utils import timezone

from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Arrangement, Customer, Pseudonym, Reading, Receipt
from consent.arrangements.receipts import digest
from consent.oauth.models import AccessToken, RefreshToken
from consent.rights import actions, attesting, closing, copying, recipients, retention
from consent.rights.models import Copy, DataRequest, Disclosure, Hold, Task
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.accounts.models import User
from portal.audit.sealing import seal_events
from portal.audit.verification import verify
from portal.errors import Conflict, NotAllowed
from portal.events import people
from portal.events.log import deliver_due
from portal.events.models import Event, Person
from portal.notifications.actions import send_due_messages
from portal.notifications.models import Message
from tests.factories.consent import CustomerFactory, share
from tests.factories.gateway import make_gate
from tests.factories.people import UserFactory, member, staff
from tests.partners.pages import sign_in

Kind, Status = DataRequest.Kind, DataRequest.Status


def go_on() -> int:
    """Do what the worker does until nothing is left to do; return how many were erased."""
    erased = 0
    for _ in range(5):
        deliver_due()
        send_due_messages()
        erased += closing.erase_closed_accounts()
    return erased


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


def everything() -> str:
    """Return every row of every table but the log of mail servers, as text."""
    rows = [
        one
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
        for one in model._default_manager.all()
    ]
    return str(serializers.serialize("json", rows))


def test_t16_closing_freezes_withdraws_and_asks_every_past_recipient_to_delete(leila, mailoutbox):
    withdraw_arrangement(leila.second, by=leila.by)

    request = closing.close_account(leila.user, by=leila.by)

    assert request.status == Status.IN_PROGRESS
    leila.first.refresh_from_db()
    assert (leila.first.status, leila.first.end_reason) == ("withdrawn", "account_closed")
    asked = Task.objects.filter(action="delete").values_list("application", flat=True)
    assert set(asked) == {
        leila.first.client.application_id,
        leila.second.client.application_id,
    }
    assert not User.objects.get(pk=leila.user.pk).is_active
    order = kinds()
    assert (
        order.index("accounts.user.closed")
        < len(order) - 1 - order[::-1].index("consent.arrangement.withdrawn")
        < order.index("data.deletion_requested")
    )


def test_s13_a_closed_account_opens_nothing_from_the_next_call_on(db):
    gate = make_gate()
    token = gate.token()
    customer = gate.world.customer
    assert gate.ask(token).status_code == 204

    closing.close_account(customer.user, by=actor_of(customer.user))

    refused = gate.ask(token)
    assert refused.status_code in {401, 403}
    assert refused["X-Portal-Reason"] in {"consent_withdrawn", "token_revoked"}


def test_erasing_waits_until_everybody_was_told(leila):
    closing.close_account(leila.user, by=leila.by)

    assert closing.erase_closed_accounts() == 0
    assert User.objects.get(pk=leila.user.pk).name == "Canary Leila"
    deliver_due()
    assert closing.erase_closed_accounts() == 0
    assert Pseudonym.objects.filter(customer=leila.customer).exists()

    assert go_on() == 1


def test_erasing_does_not_wait_for_ever(leila):
    closing.close_account(leila.user, by=leila.by)
    past = timezone.now() - closing.PATIENCE
    DataRequest.objects.update(received_at=past)

    closing.erase_closed_accounts()

    assert DataRequest.objects.get().erased_at is not None


def test_after_erasing_no_row_holds_the_person_and_the_log_verifies(leila, transactional_db):
    Reading.objects.create(
        arrangement=leila.first,
        operation_key="a",
        hour=timezone.now(),
        cluster_codes=["c"],
        read_count=3,
        last_read_at=timezone.now(),
    )
    EmailAddress.objects.create(user=leila.user, email=leila.user.email, verified=True)
    actions.ask(leila.user, by=leila.by, kind=Kind.COMPLAINT, words="CANARY-WORDS")
    seal_events()
    number = people.reference_of(leila.user.pk)
    closing.close_account(leila.user, by=leila.by)

    assert go_on() == 1
    seal_events()

    left = everything()
    for secret in ("canary-leila", "Canary Leila", "CANARY-WORDS"):
        assert secret not in left
    assert people.account_of(number) is None
    assert not Person.objects.filter(account_id=leila.user.pk).exists()
    assert Event.objects.filter(person_id=number, kind="accounts.user.erased").count() == 1
    assert verify().first_break is None
    assert not Pseudonym.objects.filter(customer=leila.customer).exists()
    assert not Reading.objects.exists()
    assert Disclosure.objects.get().read_count == 3
    assert all(actions.words_of(one) == "" for one in DataRequest.objects.all())


def test_every_single_look_goes_however_many_there_are(leila, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for hours in range(5):
        Reading.objects.create(
            arrangement=leila.first,
            operation_key="a",
            hour=timezone.now() - timedelta(hours=hours),
            cluster_codes=["c"],
            read_count=1,
            last_read_at=timezone.now(),
        )
    Arrangement.objects.update(last_read_at=timezone.now())
    closing.close_account(leila.user, by=leila.by)
    go_on()

    assert not Reading.objects.exists()
    assert sum(one.read_count for one in Disclosure.objects.all()) == 5
    assert not Arrangement.objects.exclude(last_read_at=None).exists()


def test_the_proof_of_what_was_agreed_outlives_the_person(leila, transactional_db):
    proof = {one.number: one.sha256 for one in Receipt.objects.all()}
    closing.close_account(leila.user, by=leila.by)
    go_on()

    receipts = Receipt.objects.all()
    assert proof.items() <= {one.number: one.sha256 for one in receipts}.items()
    assert all(digest(one.body) == one.sha256 for one in receipts)
    assert Arrangement.objects.get(pk=leila.first.pk).versions.count() == 1


def test_the_person_gets_a_certificate_that_names_the_recipients(leila, mailoutbox):
    request = closing.close_account(leila.user, by=leila.by)
    go_on()

    last = mailoutbox[-1]
    assert last.to == ["canary-leila@example.net"]
    assert request.number in last.body
    assert leila.first.client.application.name in last.body
    assert not Message.objects.filter(address="canary-leila@example.net").exists()
    request.refresh_from_db()
    assert request.status == Status.COMPLETED


def test_a_second_sign_up_with_the_same_address_is_somebody_new(leila):
    application = leila.first.client.application
    old = Pseudonym.objects.get(customer=leila.customer, application=application).subject
    closing.close_account(leila.user, by=leila.by)
    go_on()

    again = CustomerFactory(user__email="canary-leila@example.net")
    share(customer=again, client=leila.first.client)

    assert again.user_id != leila.user.pk
    new = Pseudonym.objects.get(customer=again, application=application).subject
    assert new != old
    assert Arrangement.objects.filter(customer=again).count() == 1
    assert not Event.objects.of_person(again.user_id).filter(kind__startswith="dsr.").exists()


def test_a_hold_keeps_the_records_and_nothing_else(leila, mina):
    hold = closing.place_hold(leila.user, by=mina, reason="claim")
    closing.close_account(leila.user, by=leila.by)

    assert go_on() == 0
    assert User.objects.get(pk=leila.user.pk).name == "Canary Leila"
    assert not Arrangement.objects.filter(ended_at=None).exists()
    assert Task.objects.count() == 2
    closing.release_hold(hold, by=mina)
    assert go_on() == 1
    assert Hold.objects.get().released_at is not None
    with pytest.raises(Conflict):
        closing.release_hold(hold, by=mina)


def test_nobody_closes_anothers_account_or_one_with_duties(leila, partner, mina):
    for by in (partner, mina):
        with pytest.raises(NotAllowed):
            closing.close_account(leila.user, by=by)
    worker = User.objects.get(pk=partner.person_id)
    with pytest.raises(closing.HasDuties):
        closing.close_account(worker, by=partner)
    officer = staff(Role.PRIVACY)
    with pytest.raises(closing.HasDuties):
        closing.close_account(User.objects.get(pk=officer.person_id), by=officer)


def test_an_account_is_closed_once(leila):
    closing.close_account(leila.user, by=leila.by)

    with pytest.raises(Conflict):
        closing.close_account(leila.user, by=leila.by)

    assert kinds().count("accounts.user.closed") == 1


def test_closing_takes_back_the_other_requests_and_the_files(leila):
    copying.ask_for_copy(leila.user, by=leila.by, kind=Kind.ACCESS)
    copying.build_copies()
    complaint = actions.ask(leila.user, by=leila.by, kind=Kind.COMPLAINT, words="x")

    closing.close_account(leila.user, by=leila.by)

    complaint.refresh_from_db()
    assert complaint.status == Status.CANCELLED
    copy = Copy.objects.get()
    assert (copy.status, copy.sealed_file, copying.link_of(copy)) == ("removed", "", "")


def test_every_token_is_gone(db):
    gate = make_gate()
    gate.token()
    customer = gate.world.customer
    closing.close_account(customer.user, by=actor_of(customer.user))
    go_on()

    assert not AccessToken.objects.filter(user=customer.user).exists()
    assert not RefreshToken.objects.filter(user=customer.user).exists()


def test_a_late_recipient_still_attests_after_the_person_is_gone(leila):
    closing.close_account(leila.user, by=leila.by)
    go_on()
    task = Task.objects.get(application=leila.first.client.application)
    owner = member(task.application.organization, Role.OWNER)
    Task.objects.update(due_at=timezone.now())

    assert recipients.write_down_overdue() == 2
    deliver_due()
    attesting.attest_task(task, by=owner)

    assert Event.objects.filter(kind="data.deletion_overdue").count() == 2
    assert Event.objects.get(kind="data.deletion_confirmed").person_id is not None
    assert Message.objects.filter(kind="rights-partner/late", user_id=owner.person_id).exists()


def test_s12_a_copy_in_the_making_stops_when_the_account_is_closed(leila, client, transactional_db):
    """S12: the job stops at the next part, the file is gone, the order of events holds."""
    request = copying.ask_for_copy(leila.user, by=leila.by, kind=Kind.ACCESS)
    copy = Copy.objects.get(request=request)
    assert copying.build_next_part(copy.pk)
    assert copying.build_next_part(copy.pk)

    closing.close_account(leila.user, by=leila.by)

    assert not copying.build_next_part(copy.pk)
    copy.refresh_from_db()
    assert (copy.status, copy.sealed_file) == (Copy.Status.REMOVED, "")
    assert not copy.parts.exists()
    assert copying.build_copies() == 0
    assert go_on() == 1
    order = kinds()
    assert (
        order.index("consent.arrangement.withdrawn")
        < order.index("data.deletion_requested")
        < order.index("accounts.user.erased")
    )
    seal_events()
    assert verify().first_break is None


def test_s12_a_ready_file_answers_404_once_the_account_is_closed(leila, client):
    copying.ask_for_copy(leila.user, by=leila.by, kind=Kind.ACCESS)
    copying.build_copies()
    token = copying.link_of(Copy.objects.get())
    closing.close_account(leila.user, by=leila.by)
    User.objects.filter(pk=leila.user.pk).update(is_active=True)

    sign_in(client, leila.by)

    assert client.get(f"/me/rights/files/{token}/").status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_s12_a_worker_that_builds_while_the_account_closes_leaves_no_file(round_):
    customer = CustomerFactory()
    share(customer=customer)
    by = actor_of(customer.user)
    copying.ask_for_copy(customer.user, by=by, kind=Kind.ACCESS)
    may_start = threading.Barrier(2)

    def build() -> None:
        try:
            may_start.wait(timeout=20)
            copying.build_copies()
        finally:
            connection.close()

    worker = threading.Thread(target=build)
    worker.start()
    may_start.wait(timeout=20)
    closing.close_account(customer.user, by=by)
    worker.join(timeout=60)

    assert not worker.is_alive()
    copy = Copy.objects.get()
    assert copy.status == Copy.Status.REMOVED
    assert copy.sealed_file == ""
    assert not copy.parts.exists()


@pytest.mark.django_db(transaction=True)
def test_consent_given_while_the_account_closes_does_not_outlive_it():
    customer = CustomerFactory()
    by = actor_of(customer.user)
    closing.close_account(customer.user, by=by)
    # A decision that was on its way when the account was closed.
    late = share(customer=customer)

    assert go_on() == 1

    late.refresh_from_db()
    assert (late.status, late.end_reason) == ("withdrawn", "account_closed")


def test_a_person_who_is_no_customer_closes_the_account_too(db):
    user = UserFactory(email="canary-nobody@example.net")
    closing.close_account(user, by=actor_of(user))

    assert go_on() == 1
    assert "canary-nobody" not in json.dumps(everything())


def test_the_certificate_is_not_held_up_by_a_mail_server_that_refuses(leila, settings):
    settings.EMAIL_BACKEND = "tests.consent.rights.refusing.Backend"
    closing.close_account(leila.user, by=leila.by)
    DataRequest.objects.update(received_at=timezone.now() - timedelta(days=4))
    closing.erase_closed_accounts()
    DataRequest.objects.update(erased_at=timezone.now() - closing.PATIENCE)

    assert closing.erase_closed_accounts() == 1
    assert Customer.objects.get(pk=leila.customer.pk).user.email.endswith("@erased.invalid")
