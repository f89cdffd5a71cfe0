"""A receipt outlives the key that signed it: its customer has the present key sign it again."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from consent.arrangements.models import Receipt, Resignature
from consent.arrangements.receipts import canonical
from consent.keys import actions as keys
from consent.keys import jws
from consent.receipts import checking, reproduction
from consent.receipts.actions import NotAsWritten, sign_anew
from consent.receipts.checking import Verdict
from partners.organizations.actors import actor_of
from portal.access.actors import SYSTEM
from portal.errors import NotAllowed
from portal.events.models import Event
from tests.factories.consent import CustomerFactory, share
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db


def give_up_key_of(signature: str) -> None:
    keys.compromise(jws.kid_of(signature), by=SYSTEM, reason="test")


@pytest.fixture
def arrangement():
    return share()


@pytest.fixture
def by(arrangement):
    return actor_of(arrangement.customer.user)


@pytest.fixture
def receipt(arrangement):
    """Return a receipt whose key was given up."""
    found = Receipt.objects.get(version__arrangement=arrangement)
    give_up_key_of(found.signature)
    return found


def test_the_page_says_that_the_key_was_given_up_and_offers_a_new_signature(client, receipt, by):
    sign_in(client, by)
    address = f"/me/receipts/{receipt.number}/"
    before = client.get(address).text

    after = client.post(f"{address}signature/", follow=True).text

    assert "was given up" in before
    assert f"{address}signature/" in before
    assert "was given up" not in after
    assert "Our signature on this receipt holds." in after


def test_a_receipt_whose_key_counts_is_offered_nothing(client, arrangement, by):
    receipt = Receipt.objects.get()
    sign_in(client, by)

    page = client.get(f"/me/receipts/{receipt.number}/").text
    sign_anew(receipt, by=by)

    assert "was given up" not in page
    assert not Resignature.objects.exists()


def test_the_new_signature_is_over_the_same_bytes_and_by_the_present_key(receipt, by):
    before = (receipt.body, receipt.sha256, receipt.signature)

    sign_anew(receipt, by=by)

    receipt.refresh_from_db()
    later = Resignature.objects.get()
    key = jws.check_of_record(later.signature, canonical(receipt.body), typ="consent-receipt")
    assert (receipt.body, receipt.sha256, receipt.signature) == before
    assert key.kid != jws.kid_of(receipt.signature)
    assert jws.kid_of(checking.signed_form(receipt)) == key.kid


def test_the_check_says_that_it_was_signed_anew(client, receipt, by):
    old = checking.signed_form(receipt)
    sign_anew(receipt, by=by)

    for shown in (old, checking.signed_form(receipt), canonical(receipt.body).decode()):
        finding = checking.check(shown.encode())
        assert (finding.verdict, finding.is_signed) == (Verdict.GENUINE, True)
        assert finding.signed_anew_at == Resignature.objects.get().created_at
    page = client.get(f"/verify/{receipt.number}/{receipt.sha256}/").text
    assert "another one of ours signed it anew on" in page


def test_twice_is_once_and_the_log_keeps_it(receipt, by):
    sign_anew(receipt, by=by)
    sign_anew(receipt, by=by)

    assert Resignature.objects.count() == 1
    event = Event.objects.get(kind="consent.receipt.signed_anew")
    assert event.facts["receipt"] == receipt.number


def test_where_that_key_is_given_up_as_well_it_is_signed_once_more(receipt, by):
    sign_anew(receipt, by=by)
    give_up_key_of(Resignature.objects.get().signature)
    assert not checking.is_signed(receipt)

    sign_anew(receipt, by=by)

    assert Resignature.objects.count() == 2
    assert checking.is_signed(receipt)


def test_the_walk_over_all_receipts_counts_it_as_proved_again(receipt, by):
    assert reproduction.verify().unproved_count == 1

    sign_anew(receipt, by=by)

    report = reproduction.verify()
    assert (report.first_break, report.unproved_count) == (None, 0)


def test_the_walk_finds_a_later_signature_that_does_not_fit(receipt, by):
    other = jws.sign_detached(b"{}", typ="consent-receipt")
    Resignature.objects.create(receipt=receipt, signature=other)

    found = reproduction.verify().first_break

    assert found is not None
    assert found.detail == "a later signature does not fit"


def test_what_does_not_follow_from_its_record_is_signed_by_nobody(receipt, by, monkeypatch):
    receipt.version.record["service"] = "Another"
    monkeypatch.setattr(
        "consent.receipts.actions.fault_of", lambda one, **_: f"{one.number} is broken"
    )

    with pytest.raises(NotAsWritten):
        sign_anew(receipt, by=by)
    assert not Resignature.objects.exists()


def test_only_its_customer_has_it_signed(client, receipt):
    stranger = CustomerFactory()

    with pytest.raises(NotAllowed):
        sign_anew(receipt, by=actor_of(stranger.user))
    sign_in(client, actor_of(stranger.user))
    assert client.post(f"/me/receipts/{receipt.number}/signature/").status_code == 404


def test_the_database_keeps_a_later_signature_as_it_was_written(receipt, by):
    sign_anew(receipt, by=by)

    for change in (
        lambda: Resignature.objects.update(signature="x"),
        lambda: Resignature.objects.all().delete(),
    ):
        with (
            pytest.raises(DatabaseError, match=r"permission denied|Cannot update"),
            transaction.atomic(),
        ):
            change()
