"""T10 to T12, T16, T17 and S11: what a partner's or a person's end does to what is shared."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter

import pytest
from django.db import connections

from consent.arrangements import ending
from consent.arrangements.models import Arrangement
from consent.oauth.models import RefreshToken
from partners.applications.actions import (
    close_application,
    reinstate_application,
    suspend_application,
)
from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.errors import Conflict
from portal.events import log
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.consent import share, use_of
from tests.factories.gateway import make_gate
from tests.factories.people import member, staff

Status = Arrangement.Status
REVOKED = "consent.arrangement.revoked"


def close(application):
    close_application(application, by=member(application.organization, Role.OWNER))


def share_with_many(count):
    use = use_of(is_required=True)
    first = share(uses=[use])
    for _ in range(count - 1):
        share(client=first.client, uses=[use])
    return first.client


# --- T10, T11: suspended and back ---------------------------------------------------------------


@pytest.mark.django_db
def test_t10_a_suspension_is_derived_and_rewrites_nothing():
    gate = make_gate()
    world = gate.world
    body = world.exchange(world.code()).json()
    officer = staff(Role.SECURITY)

    suspend_application(world.client.application, by=officer, reason="It leaks.")

    assert gate.ask(body["access_token"])["X-Portal-Reason"] == "application_inactive"
    assert world.refresh(body["refresh_token"]).status_code == 401
    arrangement = Arrangement.objects.get()
    assert (arrangement.status, arrangement.epoch) == (Status.ACTIVE, 1)

    reinstate_application(world.client.application, by=officer)

    assert gate.ask(body["access_token"]).status_code == 204
    assert world.refresh(body["refresh_token"]).status_code == 200


@pytest.mark.django_db
def test_t11_what_was_withdrawn_while_suspended_stays_withdrawn():
    gate = make_gate()
    world = gate.world
    body = world.exchange(world.code()).json()
    officer = staff(Role.SECURITY)
    suspend_application(world.client.application, by=officer, reason="It leaks.")

    ending.withdraw_arrangement(Arrangement.objects.get(), by=actor_of(world.customer.user))
    reinstate_application(world.client.application, by=officer)

    assert gate.ask(body["access_token"])["X-Portal-Reason"] == "consent_withdrawn"
    assert world.refresh(body["refresh_token"]).status_code == 400


# --- T16, T17: the person's account -------------------------------------------------------------


@pytest.mark.django_db
def test_t17_a_locked_account_is_derived_and_comes_back_with_its_consents():
    gate = make_gate()
    world = gate.world
    body = world.exchange(world.code()).json()
    user = world.customer.user

    user.is_active = False
    user.save()

    assert gate.ask(body["access_token"])["X-Portal-Reason"] == "customer_inactive"
    assert world.refresh(body["refresh_token"]).status_code == 400
    assert RefreshToken.objects.get().revoked is None
    assert Arrangement.objects.get().status == Status.ACTIVE

    user.is_active = True
    user.save()

    assert gate.ask(body["access_token"]).status_code == 204


@pytest.mark.django_db
def test_t16_who_closes_an_account_withdraws_first_and_the_reason_says_so():
    arrangement = share()
    customer = arrangement.customer

    ended = ending.withdraw_everything(
        customer, by=actor_of(customer.user), reason="account_closed"
    )

    assert [(one.status, one.end_reason) for one in ended] == [(Status.WITHDRAWN, "account_closed")]


# --- T12, S11: closed for good ------------------------------------------------------------------


@pytest.mark.django_db
def test_s11_the_gate_closes_with_the_application_before_anything_is_written():
    gate = make_gate()
    world = gate.world
    body = world.exchange(world.code()).json()

    close(world.client.application)

    assert Arrangement.objects.get().status == Status.ACTIVE
    assert gate.ask(body["access_token"])["X-Portal-Reason"] == "application_inactive"
    assert world.refresh(body["refresh_token"]).status_code == 401
    with pytest.raises(Conflict):
        share(client=world.client)


@pytest.mark.django_db
def test_s11_all_that_runs_with_a_closed_application_ends_once_and_nothing_of_others():
    client = share_with_many(5)
    gone = Arrangement.objects.filter(client=client).first()
    ending.withdraw_arrangement(gone, by=actor_of(gone.customer.user))
    other = share()
    log.deliver_due()
    Message.objects.all().delete()

    close(client.application)
    assert ending.end_with_closed_partners() == 4
    assert ending.end_with_closed_partners() == 0
    log.deliver_due()

    of_client = Arrangement.objects.filter(client=client)
    assert Counter(of_client.values_list("status", "end_reason")) == {
        (Status.REVOKED, "partner_terminated"): 4,
        (Status.WITHDRAWN, "customer"): 1,
    }
    assert Event.objects.filter(kind=REVOKED).count() == 4
    assert Arrangement.objects.get(pk=other.pk).status == Status.ACTIVE
    mails = Message.objects.filter(user__customer__arrangements__client=client)
    assert Counter(mails.values_list("user", flat=True)).most_common(1)[0][1] == 1
    assert mails.count() == 4
    assert "Meridian no longer works with this company" in mails.first().text


@pytest.mark.django_db
def test_s11_a_batch_that_breaks_midway_goes_on_where_it_was(monkeypatch):
    client = share_with_many(9)
    close(client.application)
    real, seen = ending.end, []

    def breaks(arrangement, *given, **how):
        seen.append(arrangement.pk)
        if len(seen) == 5:
            raise KeyboardInterrupt
        return real(arrangement, *given, **how)

    monkeypatch.setattr(ending, "end", breaks)
    with pytest.raises(KeyboardInterrupt):
        ending.end_with_closed_partners()
    assert Event.objects.filter(kind=REVOKED).count() == 4

    assert ending.end_with_closed_partners() == 5
    subjects = Event.objects.filter(kind=REVOKED).values_list("subject", flat=True)
    assert len(subjects) == len(set(subjects)) == 9


# From Python 3.12 on a fork beside threads warns; the child does nothing but this.
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.django_db(transaction=True)
def test_s11_a_killed_batch_leaves_each_with_one_end_and_one_mail():
    client = share_with_many(40)
    log.deliver_due()
    Message.objects.all().delete()
    close(client.application)

    kill_a_batch_midway()
    survived = Arrangement.objects.left_behind().count()
    ending.end_with_closed_partners()
    while log.deliver_due():
        pass

    assert 0 < survived < 40
    events = Event.objects.filter(kind=REVOKED).values_list("subject", flat=True)
    assert len(events) == len(set(events)) == 40
    mails = Message.objects.filter(user__customer__isnull=False)
    assert len(mails) == len({mail.user_id for mail in mails}) == 40
    assert not Arrangement.objects.left_behind().exists()


def kill_a_batch_midway() -> None:
    """Let another process work on the batch, and kill it once it has done some of it."""
    # A child must not speak over its parent's connections.
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            ending.end_with_closed_partners()
        finally:
            os._exit(0)
    until = time.monotonic() + 30
    while Event.objects.filter(kind=REVOKED).count() < 5:
        assert time.monotonic() < until, "the batch did not begin"
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
