from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.utils import timezone

from consent.arrangements.models import Reading
from consent.rights import clock, retention
from consent.rights.models import Disclosure
from tests.factories.people import UserFactory


def read(arrangement, *, at, codes=("a",), count=1, operation="list") -> None:
    hour = at.replace(minute=0, second=0, microsecond=0)
    Reading.objects.create(
        arrangement=arrangement,
        operation_key=operation,
        hour=hour,
        cluster_codes=list(codes),
        read_count=count,
        last_read_at=at,
    )


def test_what_is_older_than_thirteen_months_is_known_by_the_month(leila):
    begins = clock.detail_begins(timezone.now())
    read(leila.first, at=begins - timedelta(hours=1), codes=("a", "b"), count=2)
    read(leila.first, at=begins - timedelta(hours=2), count=5)
    read(leila.first, at=begins - timedelta(days=40), count=7)
    read(leila.first, at=begins, count=11)

    assert retention.fold_old_readings() == 3

    assert Reading.objects.get().read_count == 11
    counted = Disclosure.objects.order_by("month", "cluster_code")
    assert list(counted.values_list("cluster_code", "read_count")) == [("a", 7), ("a", 7), ("b", 2)]
    assert {one.month.day for one in counted} == {1}


def test_folding_again_adds_to_a_month_and_loses_nothing(leila, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 1)
    old = clock.detail_begins(timezone.now()) - timedelta(days=3)
    read(leila.first, at=old, count=2)
    read(leila.first, at=old - timedelta(hours=1), count=3)

    assert retention.fold_old_readings() == 2
    assert retention.fold_old_readings() == 0
    read(leila.first, at=old, count=4)
    retention.fold_old_readings()

    assert Disclosure.objects.get().read_count == 9


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("203.0.113.0", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("::1", "::"),
    ],
)
def test_an_address_is_cut_to_its_network(address, network):
    assert retention.network_of(address) == network


@pytest.mark.django_db
def test_the_job_shortens_addresses_and_forgets_old_sessions():
    user = UserFactory()
    recent = UserSession.objects.create(
        user=user, session_key="a", ip="203.0.113.77", user_agent="x"
    )
    old = UserSession.objects.create(user=user, session_key="b", ip="203.0.113.9", user_agent="x")
    UserSession.objects.filter(pk=old.pk).update(last_seen_at=timezone.now() - timedelta(days=91))

    six = UserSession.objects.create(
        user=user, session_key="c", ip="2001:db8:1:2::7", user_agent="x"
    )

    assert retention.shorten_addresses() == 3
    assert retention.shorten_addresses() == 0

    assert UserSession.objects.get(pk=recent.pk).ip == "203.0.113.0"
    assert UserSession.objects.get(pk=six.pk).ip == "2001:db8:1::"
    assert UserSession.objects.count() == 2
