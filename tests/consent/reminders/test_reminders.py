"""Ends are announced in time, and what is shared is summed up: once each, and late ones once."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from consent.arrangements import changing, ending
from consent.reminders.actions import announce_endings, choose_rhythm, sum_up
from consent.reminders.events import ReminderEvent
from consent.reminders.models import Reminder, Rhythm
from consent.reminders.tasks import announce_endings as announce_job
from consent.reminders.tasks import sum_up as sum_up_job
from partners.organizations.actors import actor_of
from portal.errors import NotAllowed
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.consent import CustomerFactory, share
from tests.races.threads import at_once

START = datetime.fromisoformat("2026-03-01T12:00:00+00:00")


def announced_over(days: int) -> list[int]:
    """Let the job run each day for so many days; return how many days before the end it spoke."""
    for day in range(days + 1):
        with time_machine.travel(START + timedelta(days=day, minutes=5), tick=False):
            announce_job()
    return list(Reminder.objects.order_by("-days").values_list("days", flat=True))


@pytest.fixture
def start(db):
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize(
    ("lasts", "steps"),
    [(90, [30, 7, 1]), (30, [7, 1]), (7, [1]), (1, [])],
    ids=["a quarter", "a month", "a week", "a day"],
)
def test_an_end_is_announced_30_7_and_1_days_before(start, lasts, steps):
    share(days=lasts)

    assert announced_over(lasts) == steps


def test_a_job_that_comes_late_announces_what_fits_now_alone(start):
    share(days=90)
    start.move_to(START + timedelta(days=85))

    announce_endings()
    announce_endings()

    assert list(Reminder.objects.values_list("days", flat=True)) == [7]


def test_another_end_is_announced_again(start):
    arrangement = share(days=90)
    start.move_to(START + timedelta(days=65))
    announce_endings()

    changing.shorten_arrangement(
        arrangement,
        by=actor_of(arrangement.customer.user),
        ends_at=timezone.now() + timedelta(days=6),
    )
    announce_endings()

    assert list(Reminder.objects.order_by("pk").values_list("days", flat=True)) == [30, 7]


def test_what_has_ended_is_not_announced(start):
    arrangement = share(days=90)
    ending.withdraw_arrangement(arrangement, by=actor_of(arrangement.customer.user))
    start.move_to(START + timedelta(days=89, hours=12))

    assert announce_endings() == 0


def test_its_customer_and_its_application_hear_of_it(start):
    arrangement = share(days=90)
    start.move_to(START + timedelta(days=61))
    announce_endings()
    deliver_due()

    event = Event.objects.get(kind=ReminderEvent.EXPIRING)
    mail = Message.objects.get(kind="arrangements/expiring")
    assert event.facts["days_left"] == 30
    assert event.organization_id == arrangement.client.application.organization_id
    assert mail.user == arrangement.customer.user
    assert mail.subject.startswith("Your sharing with")
    assert "30 May 2026, 12:00" in mail.text


@pytest.mark.django_db(transaction=True)
def test_two_jobs_at_once_announce_once():
    with time_machine.travel(START, tick=False):
        share(days=90)
    with time_machine.travel(START + timedelta(days=61), tick=False):
        results = at_once(*[partial(announce_endings)] * 4)

    assert sum(results) == 1
    assert Event.objects.filter(kind=ReminderEvent.EXPIRING).count() == 1


def test_who_wants_to_hear_late_hears_late(start):
    customer = share(days=90).customer
    choose_rhythm(customer, by=actor_of(customer.user), first_days=7, summary_days=365)

    assert announced_over(90) == [7, 1]


def test_what_is_shared_is_summed_up_every_90_days(start):
    customer = share(days=360).customer
    mails = []
    for day in range(0, 360, 10):
        start.move_to(START + timedelta(days=day, minutes=1))
        if sum_up_job():
            mails.append(day)

    assert mails == [90, 180, 270]
    assert Event.objects.filter(kind=ReminderEvent.SUMMED_UP, facts__shares=1).count() == 3
    assert Rhythm.objects.get(customer=customer).summed_up_at


def test_the_list_names_apps_and_ends_and_no_data(start):
    customer = CustomerFactory()
    first, second = share(customer, days=360), share(customer, days=100)
    start.move_to(START + timedelta(days=91))
    sum_up()
    deliver_due()

    mail = Message.objects.get(kind="reminders/summed_up")
    assert mail.text.index(second.client.application.name) < mail.text.index(
        first.client.application.name
    )
    assert "Until 9 June 2026, 12:00 (" in mail.text
    assert mail.next_attempt_at is not None


def test_who_shares_nothing_gets_no_list(start):
    arrangement = share(days=30)
    start.move_to(START + timedelta(days=120))

    assert sum_up() == 0
    assert not Rhythm.objects.filter(customer=arrangement.customer).exists()


def test_a_list_is_not_sent_for_what_has_ended_meanwhile(start):
    arrangement = share(days=360)
    start.move_to(START + timedelta(days=91))
    sum_up()
    ending.withdraw_arrangement(arrangement, by=actor_of(arrangement.customer.user))
    deliver_due()

    assert not Message.objects.filter(kind="reminders/summed_up").exists()


def test_nobody_chooses_for_another(db):
    customer, other = CustomerFactory(), CustomerFactory()

    with pytest.raises(NotAllowed):
        choose_rhythm(customer, by=actor_of(other.user), first_days=7, summary_days=90)


def test_the_page_shows_and_keeps_the_choice(db):
    customer, browser = CustomerFactory(), Browser()
    browser.force_login(customer.user)

    before = browser.get("/me/reminders/")
    saved = browser.post("/me/reminders/", {"first_days": "1", "summary_days": "180"}, follow=True)

    assert before.context["form"].initial == {"first_days": 30, "summary_days": 90}
    assert saved.context["form"].initial == {"first_days": 1, "summary_days": 180}
    assert "Saved." in saved.content.decode()


@pytest.mark.parametrize("said", [{}, {"first_days": "0", "summary_days": "90"}], ids=["no", "odd"])
def test_a_choice_that_is_none_is_explained_and_nothing_is_kept(db, said):
    customer, browser = CustomerFactory(), Browser()
    browser.force_login(customer.user)

    answer = browser.post("/me/reminders/", {"csrf": "x", **said})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not Rhythm.objects.exists()


def test_reminders_speak_the_customers_language(start):
    arrangement = share(days=360)
    user = arrangement.customer.user
    user.locale = "fr"
    user.save()
    start.move_to(START + timedelta(days=350))
    announce_endings()
    sum_up()
    deliver_due()

    subjects = set(
        Message.objects.filter(user=user)
        .exclude(kind="arrangements/given")
        .values_list("subject", flat=True)
    )
    assert "Ce que vous partagez, et jusqu’à quand" in subjects
    assert any(subject.startswith("Votre partage avec") for subject in subjects)
