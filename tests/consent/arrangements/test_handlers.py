from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from consent.arrangements import changing, ending, pseudonyms
from consent.arrangements.models import Receipt
from partners.organizations.actors import actor_of
from portal.access.actors import SYSTEM, Role
from portal.events import log
from portal.events.models import Delivery, Event
from portal.notifications.models import Message
from tests.factories.catalog import DataClusterFactory, ScopeFactory
from tests.factories.consent import CustomerFactory, share, use_of
from tests.factories.partners import ApplicationFactory, ClientFactory
from tests.factories.people import member, staff, user_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def arrangement():
    cluster = DataClusterFactory(
        label="Your prescriptions", summary="Medicine and dose.", permissions=["Amlodipine"]
    )
    application = ApplicationFactory(live=True, name="Halden Refill", slug="halden-refill")
    uses = [use_of(ScopeFactory(cluster_code=cluster.code), is_required=True), use_of()]
    shared = share(
        CustomerFactory(user__name="Leila Haddad", user__time_zone="Europe/Vilnius"),
        ClientFactory(application=application, environment="production"),
        uses=uses,
    )
    shared.uses = uses
    return shared


def end(arrangement, how):
    by = actor_of(arrangement.customer.user)
    if how == "narrowed":
        kept = arrangement.versions.get().items.get(is_required=True).scope.name
        changing.narrow_arrangement(arrangement, by=by, keep=[kept])
    elif how == "amended":
        share(arrangement.customer, arrangement.client)
    elif how in {"extended", "renewed"}:
        days = 60 if how == "renewed" else 120
        share(arrangement.customer, arrangement.client, uses=arrangement.uses, days=days)
    elif how == "shortened":
        earlier = arrangement.ends_at - timedelta(days=1)
        changing.shorten_arrangement(arrangement, by=by, ends_at=earlier)
    elif how == "invalidated":
        ending.invalidate_arrangement(arrangement, by=staff(Role.PRIVACY), reason="fraud")
    elif how == "withdrawn":
        ending.withdraw_arrangement(arrangement, by=by)
    elif how == "revoked":
        ending.revoke_arrangement(arrangement, by=staff(Role.SECURITY), reason="security")
    elif how == "expired":
        with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
            ending.expire_overdue_arrangements()
            log.deliver_due()


@pytest.mark.parametrize(
    ("how", "subject"),
    [
        ("given", "You connected Halden Refill"),
        ("amended", "You changed what Halden Refill sees"),
        ("extended", "You let Halden Refill see your data for longer"),
        ("renewed", "You allowed Halden Refill again"),
        ("narrowed", "You changed what Halden Refill sees"),
        ("shortened", "Sharing with Halden Refill ends earlier"),
        ("withdrawn", "You stopped sharing with Halden Refill"),
        ("revoked", "Meridian stopped sharing with Halden Refill"),
        ("expired", "Your sharing with Halden Refill has ended"),
        ("invalidated", "Meridian stopped sharing with Halden Refill"),
    ],
)
def test_the_customer_is_told_of_every_change(arrangement, how, subject):
    end(arrangement, how)

    log.deliver_due()

    message = Message.objects.filter(user=arrangement.customer.user).latest("pk")
    receipt = Receipt.objects.latest("pk")
    assert message.subject == subject
    assert message.link == "/me/apps/halden-refill/"
    for words in (message.text, message.html):
        assert "Leila, " in words
        assert receipt.number in words
        assert "(Europe/Vilnius)" in words
        assert "Medicine and dose" not in words
        assert "Amlodipine" not in words


@pytest.mark.parametrize(
    ("how", "subject"),
    [
        ("paused", "You paused sharing with Halden Refill"),
        ("resumed", "You started sharing with Halden Refill again"),
        ("asked", "Please look again at what Halden Refill sees"),
    ],
)
def test_the_customer_is_told_of_what_changes_no_agreement(arrangement, how, subject):
    by = actor_of(arrangement.customer.user)
    if how == "asked":
        deadline = timezone.now() + timedelta(days=30)
        changing.ask_again(arrangement, by=SYSTEM, deadline=deadline, notice="terms@2")
    else:
        changing.pause_arrangement(arrangement, by=by)
    if how == "resumed":
        changing.resume_arrangement(arrangement, by=by)

    log.deliver_due()

    message = Message.objects.filter(user=arrangement.customer.user).latest("pk")
    assert message.subject == subject
    assert "Leila, " in message.text
    assert "Medicine and dose" not in message.text
    # To be asked again is no deed of theirs, so there is nothing to prove.
    receipts = Receipt.objects.filter(event_kind__endswith=f".{how}")
    assert [one.number in message.text for one in receipts] == ([] if how == "asked" else [True])


def test_the_partner_learns_the_pseudonym_and_the_date_and_nothing_else(arrangement):
    application = arrangement.client.application
    owner = user_of(member(application.organization, Role.OWNER))
    member(application.organization, Role.VIEWER)
    end(arrangement, "withdrawn")

    log.deliver_due()

    message = Message.objects.exclude(user=arrangement.customer.user).get()
    subject = pseudonyms.pseudonym_of(arrangement.customer, application)
    user = arrangement.customer.user
    assert message.user == owner
    assert str(subject) in message.text
    assert "(UTC)" in message.text
    for secret in (user.email, user.name, "Leila", "Your prescriptions", "stopped by", "customer:"):
        assert secret not in message.text + message.html


def test_what_is_heard_twice_is_told_once(arrangement):
    member(arrangement.client.application.organization, Role.OWNER, Role.SECURITY_CONTACT)
    end(arrangement, "withdrawn")
    log.deliver_due()
    count = Message.objects.count()

    Delivery.objects.update(delivered_at=None)
    log.deliver_due()

    assert count == 3
    assert Message.objects.count() == count


def test_a_narrowing_says_what_was_switched_off_and_what_is_left(arrangement):
    dropped = arrangement.versions.get().items.get(is_required=False).cluster.label
    end(arrangement, "narrowed")

    log.deliver_due()

    lines = Message.objects.latest("pk").text.splitlines()
    assert f"Switched off: {dropped}" in lines
    assert "It still sees: Your prescriptions" in lines


def test_giving_and_narrowing_are_not_the_partners_news(arrangement):
    member(arrangement.client.application.organization, Role.OWNER)
    end(arrangement, "narrowed")

    log.deliver_due()

    assert not Message.objects.exclude(user=arrangement.customer.user).exists()


def test_s25_stopping_everything_is_one_mail_and_an_end_with_its_own_reason_for_each():
    customer = CustomerFactory()
    with time_machine.travel(timezone.now() - timedelta(days=10), tick=False):
        overdue = [share(customer, days=5) for _ in range(3)]
    running = [share(customer) for _ in range(9)]
    owners = [member(one.client.application.organization, Role.OWNER) for one in running + overdue]
    log.deliver_due()
    Message.objects.all().delete()

    ending.withdraw_everything(customer, by=actor_of(customer.user))
    log.deliver_due()

    reasons = Counter(customer.arrangements.values_list("status", "end_reason"))
    assert reasons == {("withdrawn", "customer"): 9, ("expired", "expired"): 3}
    kinds = [f"consent.arrangement.{each}" for each in ("withdrawn", "expired")]
    ends = Event.objects.filter(kind__in=kinds).values_list("subject", flat=True)
    assert len(ends) == len(set(ends)) == 12
    mail = Message.objects.get(user=customer.user)
    assert mail.subject == "You stopped all sharing"
    for one in running:
        assert one.client.application.name in mail.text
    assert Message.objects.exclude(user=customer.user).count() == len(owners) == 12
    Delivery.objects.filter(event__kind__in=kinds).update(delivered_at=None)
    log.deliver_due()
    assert Message.objects.filter(user=customer.user).count() == 1


def test_stopping_the_only_one_is_confirmed_as_any_other(arrangement):
    customer = arrangement.customer

    ending.withdraw_everything(customer, by=actor_of(customer.user))
    log.deliver_due()

    assert "You stopped sharing with Halden Refill" in Message.objects.latest("pk").subject
