"""What anybody is told who holds a receipt: genuine, changed, or unknown. And nothing else."""

from __future__ import annotations

import json

import jsonschema_rs
import pytest
import redis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from joserfc.jwk import KeySet
from joserfc.jws import deserialize_compact

from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.models import Receipt
from consent.arrangements.receipts import canonical
from consent.keys import actions as keys
from consent.keys import jws
from consent.receipts import checking, limits
from consent.receipts.checking import NoReceipt, Verdict
from partners.organizations.actors import actor_of
from portal.access.actors import SYSTEM
from tests.factories.consent import CustomerFactory, share

pytestmark = pytest.mark.django_db


@pytest.fixture
def receipt():
    return share(CustomerFactory(user__name="Leila Haddad")).versions.get().receipts.get()


def verdict_of(raw: bytes) -> Verdict:
    return checking.check(raw).verdict


def test_the_downloaded_record_and_its_signed_form_are_genuine(receipt, django_assert_num_queries):
    with django_assert_num_queries(2):
        finding = checking.check(canonical(receipt.body))

    assert (finding.verdict, finding.is_signed) == (Verdict.GENUINE, True)
    assert checking.check(checking.signed_form(receipt).encode()) == finding
    assert checking.check_number(receipt.number, receipt.sha256) == finding
    spaced = " ".join(receipt.sha256[i : i + 8] for i in range(0, 64, 8)).upper()
    assert checking.check_number(f" {receipt.number.lower()} ", spaced) == finding


def test_spaces_and_the_order_of_names_are_not_what_it_says(receipt):
    pretty = json.dumps(receipt.body, indent=4, ensure_ascii=True)
    backwards = json.dumps(dict(reversed(list(receipt.body.items()))))

    assert verdict_of(b"\xef\xbb\xbf" + pretty.encode()) == Verdict.GENUINE
    assert verdict_of(backwards.encode()) == Verdict.GENUINE


def test_what_says_something_else_was_changed(receipt):
    longer = {**receipt.body, "validity_duration": "2099-01-01T00:00:00+00:00"}
    richer = {**receipt.body, "note": "and everything else"}

    assert verdict_of(json.dumps(longer).encode()) == Verdict.CHANGED
    assert verdict_of(json.dumps(richer).encode()) == Verdict.CHANGED
    assert checking.check_number(receipt.number, "0" * 64).verdict == Verdict.CHANGED


@examples(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_s24_one_changed_byte_anywhere_is_never_genuine(receipt, data):
    for raw in (canonical(receipt.body), checking.signed_form(receipt).encode()):
        changed = bytearray(raw)
        place = data.draw(st.integers(0, len(raw) - 1))
        changed[place] ^= 1 << data.draw(st.integers(0, 6))
        try:
            finding = checking.check(bytes(changed))
        except NoReceipt:
            continue
        if _says_the_same(bytes(changed), receipt):
            continue  # A changed space, or the unused bits of the last base64 letter.
        assert finding.verdict != Verdict.GENUINE


def _says_the_same(raw: bytes, receipt: Receipt) -> bool:
    if raw.count(b".") == 2 and not raw.startswith(b"{"):
        return False
    try:
        return canonical(json.loads(raw)) == canonical(receipt.body)
    except ValueError:
        return False


def test_another_signature_over_the_same_record_is_not_ours(receipt):
    again = jws.sign_detached(canonical(receipt.body), typ="consent-receipt")
    header, _, signature = again.partition("..")
    middle = checking.signed_form(receipt).split(".")[1]

    assert verdict_of(f"{header}.{middle}.{signature}".encode()) == Verdict.CHANGED


def test_a_number_that_was_never_written_is_unknown(receipt):
    other = {**receipt.body, "receipt_id": "MR-2026-999999"}

    assert verdict_of(json.dumps(other).encode()) == Verdict.UNKNOWN
    assert verdict_of(b'{"receipt_id": "MR-1"}') == Verdict.UNKNOWN
    assert checking.check_number("MR-2026-999999", "0" * 64).verdict == Verdict.UNKNOWN


def test_a_receipt_of_a_key_that_was_given_up_holds_by_our_record(receipt):
    kid = jws.kid_of(receipt.signature)
    keys.compromise(kid, by=SYSTEM, reason="test")

    finding = checking.check(checking.signed_form(receipt).encode())

    assert (finding.verdict, finding.is_signed) == (Verdict.GENUINE, False)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"nonsense",
        b"\xff\xfe",
        b"a.b.c",
        b"e30.e30.e30",
        b'{"receipt_id": 7}',
        b'{"receipt_id": "MR-2026-000001", "receipt_id": "MR-2026-000002"}',
        b'{"receipt_id": NaN}',
        b"[" * 100_000,
        b"x" * (checking.MAX_BYTES + 1),
    ],
    ids=[
        "nothing", "no number", "a list", "words", "no text", "dots", "an empty object", "a digit",
        "two numbers", "not a number", "deep", "long",
    ],
)  # fmt: skip
def test_what_is_no_receipt_is_refused(raw):
    with pytest.raises(NoReceipt):
        checking.check(raw)


@pytest.mark.parametrize(
    ("number", "sha256"),
    [("", "0" * 64), ("MR-2026-000001", ""), ("MR-2026-000001", "g" * 64), ("1", "0" * 64)],
    ids=["no number", "no fingerprint", "no digits", "no number of ours"],
)
def test_numbers_that_no_receipt_has_are_refused(number, sha256):
    with pytest.raises(NoReceipt):
        checking.check_number(number, sha256)


# --- The page -------------------------------------------------------------------------------------


def ask(browser: Client, **form):
    return browser.post("/verify/", form)


def test_anybody_checks_a_file_its_text_or_its_numbers(client, receipt):
    raw = canonical(receipt.body)

    for form in (
        {"file": SimpleUploadedFile("a.json", raw)},
        {"file": SimpleUploadedFile("a.jws", checking.signed_form(receipt).encode())},
        {"text": raw.decode()},
        {"number": receipt.number, "sha256": receipt.sha256},
    ):
        answer = ask(client, **form)
        assert answer.status_code == 200
        assert f"{receipt.number} is genuine" in answer.text
        assert "no-store" in answer["Cache-Control"]


def test_the_printed_address_answers_without_a_form(client, receipt):
    address = f"/verify/{receipt.number}/{receipt.sha256}/"

    assert "is genuine" in client.get(address).text
    assert "was changed" in client.get(f"/verify/{receipt.number}/{'0' * 64}/").text
    assert "do not know" in client.get(f"/verify/MR-2026-999999/{'0' * 64}/").text
    assert client.get("/verify/x/y/").status_code == 404


def test_the_answer_says_nothing_of_the_person_or_the_app(client, receipt):
    arrangement = receipt.version.arrangement
    page = ask(client, text=canonical(receipt.body).decode()).text

    for word in (
        "Leila",
        arrangement.customer.user.email,
        arrangement.client.application.name,
        str(arrangement.pk),
        receipt.body["pii_principal_id"],
    ):
        assert word not in page


def test_what_cannot_be_read_says_so_beside_the_form(client):
    answer = ask(client, text="nonsense")

    assert answer.status_code == 422
    assert "cannot be read as JSON" in answer.text
    assert "Choose a file" in ask(client).text


def test_who_tries_many_numbers_is_stopped_and_nobody_else(monkeypatch):
    monkeypatch.setattr(limits, "MAX_TRIES", 3)
    form = {"number": "MR-2026-000001", "sha256": "0" * 64}
    here, there = Client(REMOTE_ADDR="203.0.113.7"), Client(REMOTE_ADDR="203.0.113.8")

    answers = [ask(here, **form).status_code for _ in range(4)]
    answers.append(here.get(f"/verify/MR-2026-000001/{'0' * 64}/").status_code)

    assert answers == [200, 200, 200, 429, 429]
    assert ask(there, **form).status_code == 200


def test_a_network_of_addresses_is_one_origin(monkeypatch):
    monkeypatch.setattr(limits, "MAX_TRIES", 1)
    form = {"number": "MR-2026-000001", "sha256": "0" * 64}

    answers = [
        ask(Client(REMOTE_ADDR=f"2001:db8:7:7::{number}"), **form).status_code
        for number in range(1, 3)
    ]

    assert answers == [200, 429]


def test_without_the_store_receipts_are_checked_all_the_same(client, receipt, monkeypatch):
    def away(*_: str, **__: object) -> int:
        raise redis.ConnectionError

    monkeypatch.setattr(limits, "count_try", away)

    assert "is genuine" in ask(client, number=receipt.number, sha256=receipt.sha256).text


# --- Without us -----------------------------------------------------------------------------------


def test_the_keys_of_record_prove_a_signed_receipt_without_us(client, receipt):

    published = KeySet.import_key_set(client.get("/receipts/jwks").json())
    proved = deserialize_compact(checking.signed_form(receipt), published)

    assert proved.payload == canonical(receipt.body)


def test_the_published_schema_fits_every_kind_of_receipt(client, receipt):

    arrangement = receipt.version.arrangement
    withdraw_arrangement(arrangement, by=actor_of(arrangement.customer.user))
    answer = client.get("/receipts/schema/2.json")
    validator = jsonschema_rs.validator_for(answer.json(), validate_formats=True)

    assert answer["Content-Type"] == "application/schema+json"
    for kept in Receipt.objects.all():
        validator.validate(kept.body)
        assert kept.body["schema"] == "http://testserver/receipts/schema/2.json"
    assert not validator.is_valid({**receipt.body, "extra": 1})
