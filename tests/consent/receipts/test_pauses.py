"""To pause and to resume are proved like every other change, as often as they happen."""

from __future__ import annotations

import io
import json

import jsonschema_rs
import pytest
from pypdf import PdfReader

from consent.arrangements import changing
from consent.arrangements.models import Receipt
from consent.receipts import reproduction
from consent.receipts.schema import schema
from partners.organizations.actors import actor_of
from portal.events.log import deliver_due
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.consent import share
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def arrangement():
    return share()


def go(arrangement, *deeds):
    by = actor_of(arrangement.customer.user)
    for deed in deeds:
        getattr(changing, f"{deed}_arrangement")(arrangement, by=by)
    return list(Receipt.objects.filter(version__arrangement=arrangement).order_by("pk"))


def test_a_pause_and_its_end_have_a_receipt_each_time(arrangement):
    receipts = go(arrangement, "pause", "pause", "resume", "pause", "resume")

    kinds = [receipt.event_kind.rpartition(".")[2] for receipt in receipts]
    assert kinds == ["given", "paused", "resumed", "paused", "resumed"]
    assert {receipt.body["record_version"] for receipt in receipts} == {1}
    assert receipts[1].body["purposes"] == receipts[0].body["purposes"]
    assert receipts[1].body["event"]["entity_id"] == "customer"


def test_each_follows_from_its_event_and_fits_the_schema(arrangement):
    receipts = go(arrangement, "pause", "resume", "pause")

    assert reproduction.verify().first_break is None
    for receipt in receipts:
        jsonschema_rs.validate(schema(), receipt.body)


def test_a_pause_whose_receipt_is_gone_is_found(arrangement):
    go(arrangement, "pause")
    changing.tell(
        "consent.arrangement.resumed",
        arrangement,
        [],
        by=actor_of(arrangement.customer.user),
        at=arrangement.given_at,
    )

    found = reproduction.verify().first_break

    assert found is not None
    assert found.detail == "it has no receipt"


def test_pauses_from_before_they_had_receipts_are_no_breach(arrangement):
    by = actor_of(arrangement.customer.user)
    changing.tell("consent.arrangement.paused", arrangement, [], by=by, at=arrangement.given_at)
    assert reproduction.verify().first_break is None

    go(arrangement, "pause")

    assert reproduction.verify().first_break is None


def test_the_page_and_the_files_of_a_pause_say_what_it_is(client, arrangement):
    receipt = go(arrangement, "pause")[-1]
    sign_in(client, actor_of(arrangement.customer.user))

    page = client.get(f"/me/receipts/{receipt.number}/").text
    record = json.loads(client.get(f"/me/receipts/{receipt.number}.json").content)
    paper = PdfReader(io.BytesIO(client.get(f"/me/receipts/{receipt.number}.pdf").content))

    assert "Receipt for the pause" in page
    assert record["event"]["event_kind"] == "consent.arrangement.paused"
    assert "Receipt for the pause" in paper.pages[0].extract_text()


def test_the_history_leads_from_each_pause_to_its_own_receipt(client, arrangement):
    receipts = go(arrangement, "pause", "resume", "pause")
    sign_in(client, actor_of(arrangement.customer.user))

    entries = client.get("/me/history/").context["entries"]

    assert [entry.receipt for entry in entries] == [one.number for one in reversed(receipts)]


def test_the_mail_of_a_pause_names_its_receipt(arrangement):
    receipts = go(arrangement, "pause", "resume", "pause")

    deliver_due()

    first, second = Message.objects.filter(kind="arrangements/paused").order_by("pk")
    assert f"Receipt {receipts[1].number}." in first.text
    assert f"Receipt {receipts[3].number}." in second.text
    assert Event.objects.filter(kind="consent.arrangement.paused").count() == 2
