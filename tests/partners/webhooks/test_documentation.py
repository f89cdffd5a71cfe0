from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consent.arrangements.events import ArrangementEvent
from consent.campaigns.events import CampaignEvent
from consent.minors.events import ApprovalEvent
from consent.oauth.events import OAuthEvent
from consent.reminders.events import ReminderEvent
from consent.rights.events import DataEvent
from partners.subscriptions.events import AccessEvent, SubscriptionEvent
from partners.upgrades.events import UpgradeEvent
from partners.webhooks.envelope import _TOLD
from partners.webhooks.events import WebhookEvent
from portal.signing import headers_of, new_secret

PAGE = Path(__file__).parents[3] / "docs" / "webhooks.md"


@pytest.fixture
def is_from_meridian():
    [source] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, object] = {}
    exec(source, names)  # noqa: S102 - the page's own ten lines
    return names["is_from_meridian"]


def test_the_ten_lines_of_the_page_verify_what_we_send(is_from_meridian):
    secret, now = new_secret(), datetime.now(tz=UTC)
    body = '{"type": "consent.arrangement.withdrawn"}'

    signed = headers_of("id", body, signed_by=[new_secret(), secret], at=now)
    stale = headers_of("id", body, signed_by=[secret], at=now - timedelta(minutes=6))

    assert is_from_meridian(body.encode(), signed, secret)
    assert not is_from_meridian(body.encode() + b" ", signed, secret)
    assert not is_from_meridian(body.encode(), signed, new_secret())
    assert not is_from_meridian(body.encode(), stale, secret)


SENT = [
    *ArrangementEvent,
    ReminderEvent.EXPIRING,
    CampaignEvent.NEARING,
    CampaignEvent.CLOSED,
    OAuthEvent.CODE_REPLAYED,
    OAuthEvent.CODE_HOARDED,
    OAuthEvent.REFRESH_REPLAYED,
    *(
        kind for kind in ApprovalEvent if kind != ApprovalEvent.ENDED
    ),  # That is told of its sharing.
    *DataEvent,
    *AccessEvent,
    *SubscriptionEvent,
    *UpgradeEvent,
    WebhookEvent.ADDED,
    WebhookEvent.ENABLED,
    WebhookEvent.TESTED,
]


def test_the_table_names_every_type_and_all_that_it_tells():
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    named = set()
    for row in rows:
        first, *more = re.findall(r"`([a-z._]+)`", row.split("|")[1])
        stem = first.rpartition(".")[0]
        named |= {first, *(f"{stem}{verb}" for verb in more)}
    told = set(re.findall(r"`([a-z_]+)`", " ".join(row.split("|")[3] for row in rows)))

    assert named == {str(kind) for kind in SENT}
    assert told == {*_TOLD, "grant_id", "sub", "challenge"}
