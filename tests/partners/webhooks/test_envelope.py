from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from partners.webhooks.envelope import body_of
from portal.events.models import Event
from portal.retrying import LONGEST, WAITS, next_attempt_at
from portal.signing import headers_of, new_secret

NOW = datetime(2026, 3, 12, 10, 38, tzinfo=UTC)
GRANT = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"


def event(**facts: object) -> Event:
    return Event(
        kind="consent.arrangement.withdrawn",
        subject=f"arrangements.arrangement:{GRANT}",
        actor="user:7",
        person_id=7,
        organization_id=3,
        facts=facts,
        recorded_at=NOW,
    )


def test_the_body_is_thin_and_names_the_grant():
    body = json.loads(body_of(event(version=2, scopes=["refills:write"], reason="customer")))

    assert body == {
        "type": "consent.arrangement.withdrawn",
        "timestamp": "2026-03-12T10:38:00.000Z",
        "data": {
            "grant_id": GRANT,
            "version": 2,
            "scopes": ["refills:write"],
            "reason": "customer",
            "occurred_at": "2026-03-12T10:38:00.000Z",
        },
    }


@pytest.mark.parametrize("fact", ["email", "plan_id", "ip", "digest"])
def test_a_fact_that_is_not_on_the_list_stays_inside(fact):
    assert "secret-value" not in body_of(event(**{fact: "secret-value"}))


def test_neither_the_person_nor_the_actor_is_told():
    assert "user" not in body_of(event())
    assert '"person' not in body_of(event())


@given(st.text(max_size=200))
def test_each_secret_verifies_the_same_message(body):
    old, new = new_secret(), new_secret()
    now = datetime.now(tz=UTC)

    headers = headers_of("id-1", body, signed_by=[new, old], at=now)

    for secret in (old, new):
        assert Webhook(secret).verify(body, headers, json_parse=False) is None


def test_ten_attempts_wait_longer_and_longer_and_then_end():
    waits = []
    for attempt_count in range(1, 10):
        due = next_attempt_at(attempt_count, headers={}, at=NOW)
        assert due is not None
        waits.append((due - NOW).total_seconds())
    planned = [5, 300, 1800, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24))]

    for wait, plan in zip(waits, planned, strict=True):
        assert plan <= wait <= plan * 1.1
    assert len(WAITS) == 10
    assert next_attempt_at(10, headers={}, at=NOW) is None


@pytest.mark.parametrize(
    ("given_header", "at_least"),
    [
        ("120", timedelta(seconds=120)),
        (format_datetime(NOW + timedelta(hours=3), usegmt=True), timedelta(hours=3)),
        ("999999999", LONGEST),
    ],
)
def test_a_receiver_that_asks_for_time_gets_it(given_header, at_least):
    due = next_attempt_at(1, headers={"retry-after": given_header}, at=NOW)

    assert due == NOW + at_least


@given(st.text(max_size=60))
def test_nonsense_in_retry_after_changes_nothing_for_long(value):
    due = next_attempt_at(1, headers={"retry-after": value}, at=NOW)

    assert due is not None
    assert NOW < due <= NOW + LONGEST
