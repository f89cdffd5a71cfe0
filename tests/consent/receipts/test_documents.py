"""The receipt on paper: the words of the record, readable by everybody, and only its owner's."""

from __future__ import annotations

import io
import re

import pytest
from django.urls import reverse
from pypdf import PdfReader

from consent.arrangements import moments
from consent.arrangements.ending import withdraw_arrangement
from consent.arrangements.giving import Occasion
from consent.arrangements.models import Receipt
from consent.arrangements.receipts import canonical
from consent.receipts.document import address_of, document_of
from partners.organizations.actors import actor_of
from portal.ui import pdf
from tests.factories.consent import CustomerFactory, share, use_of
from tests.factories.notices import published
from tests.factories.people import UserFactory, member, staff, user_of

pytestmark = pytest.mark.django_db
ZONE = "Europe/Vilnius"


@pytest.fixture
def customer(client):
    customer = CustomerFactory(user__time_zone=ZONE, user__name="Leila Haddad")
    client.force_login(customer.user)
    return customer


def receipts_of(arrangement) -> list[Receipt]:
    return list(Receipt.objects.filter(version__arrangement=arrangement).order_by("pk"))


def text_of(content: bytes) -> str:
    """Return the text of a PDF with single spaces: where a line breaks says nothing."""
    pages = PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_the_document_says_what_the_record_says(client, customer):
    published()
    arrangement = share(customer)
    withdraw_arrangement(arrangement, by=actor_of(customer.user))

    for receipt in receipts_of(arrangement):
        answer = client.get(reverse("receipts:pdf_file", args=[receipt.number]))
        text = squeezed(text_of(answer.content))
        for said in _said(receipt.body):
            assert squeezed(said) in text, said
        assert receipt.sha256 in text
        assert receipt.number in text


def _said(body):
    """Return every word of the record that a person is to read (consent.md 5.6, [CDS])."""
    for party in body["pii_controllers"]:
        yield party["party_name"]
        yield party["party_contact"]
    yield body["service"]
    yield body["pii_principal_id"]
    for purpose in body["purposes"]:
        data = purpose["pii_information"]
        yield from (purpose["purpose"], purpose["retention_description"], data["pii_type"])
        yield from (purpose["purpose_description"], data["pii_description"])
        yield from data["pii_permissions"]
    yield from (body["withdrawal_method"], body["privacy_rights"])
    yield from (body["withdrawal"][name] for name in ("review", "email", "phone"))
    yield from body["authority_party"].values()
    yield body["privacy_notice"]["holder_notice"]["url"]


def test_it_says_until_when_and_by_when_to_delete(client, customer):
    arrangement = share(customer)
    withdraw_arrangement(arrangement, by=actor_of(customer.user))
    given, stopped = (text_of(_content(receipt)) for receipt in receipts_of(arrangement))

    assert f"{moments.moment(arrangement.ends_at, ZONE)}, or when you stop it" in given
    assert "Delete by" not in given
    assert "Delete by" in stopped
    assert "Stopped by you" in stopped


def test_without_data_it_says_so():
    arrangement = share(uses=[use_of(cluster_code="", purpose_id=None)], may_share_nothing=True)

    assert "None of your data" in text_of(_content(receipts_of(arrangement)[0]))


@pytest.mark.parametrize(("language", "word"), [("fr", "fr"), ("ar", "ar")], ids=["fr", "ar"])
def test_it_is_in_the_language_that_was_shown(language, word):
    arrangement = share(occasion=Occasion(language, None))
    content = _content(receipts_of(arrangement)[0])

    reader = PdfReader(io.BytesIO(content))
    assert reader.trailer["/Root"]["/Lang"] == word
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_the_same_receipt_is_the_same_paper():
    receipt = receipts_of(share())[0]

    assert _content(receipt) == _content(Receipt.objects.get(pk=receipt.pk))


def test_the_code_leads_to_the_check_of_this_receipt(client):
    receipt = receipts_of(share())[0]
    address = address_of(receipt)

    picture = next(
        block for block in document_of(receipt, zone=ZONE).blocks if isinstance(block, pdf.Picture)
    )
    assert picture == pdf.qr_code(address, alt=picture.alt)
    assert picture.alt
    assert "is genuine" in client.get(address.removeprefix("http://testserver")).text


def test_a_receipt_from_before_records_were_kept_is_a_document_too():
    receipt = receipts_of(share())[0]
    body = receipt.body
    for name in ("withdrawal", "authority_party", "obtained"):
        body.pop(name)
    for purpose in body["purposes"]:
        purpose["pii_information"].pop("pii_permissions")

    assert receipt.number in text_of(_content(receipt))


def _content(receipt: Receipt) -> bytes:
    return pdf.render(document_of(receipt, zone=ZONE))


# --- Whose files they are -------------------------------------------------------------------------

FILES = ("arrangements:receipt_file", "receipts:pdf_file", "receipts:signed_file")


@pytest.mark.parametrize("name", FILES)
def test_the_owner_takes_each_form_and_no_cache_keeps_it(client, customer, name):
    receipt = receipts_of(share(customer))[0]

    answer = client.get(reverse(name, args=[receipt.number]))

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{receipt.number}.')


@pytest.mark.parametrize("name", FILES)
def test_nobody_else_takes_any_not_even_the_partner_it_names(client, name):
    arrangement = share()
    receipt = receipts_of(arrangement)[0]
    address = reverse(name, args=[receipt.number])

    assert client.get(address).url.startswith("/sign-in/")
    people = [
        UserFactory(),
        CustomerFactory().user,
        user_of(member(arrangement.client.application.organization)),
        user_of(staff()),
    ]
    for person in people:
        client.force_login(person)
        assert client.get(address).status_code == 404


def test_the_page_leads_to_every_form(client, customer):
    receipt = receipts_of(share(customer))[0]

    page = client.get(reverse("arrangements:receipt", args=[receipt.number])).text

    for name in FILES:
        assert f'href="{reverse(name, args=[receipt.number])}"' in page
    assert f"/verify/{receipt.number}/{receipt.sha256}/" in page


def test_a_file_takes_few_statements(client, customer, django_assert_max_num_queries):
    receipt = receipts_of(share(customer))[0]

    for name in FILES:
        with django_assert_max_num_queries(7):
            client.get(reverse(name, args=[receipt.number]))


def test_the_signed_file_holds_the_record_to_the_byte(client, customer):
    receipt = receipts_of(share(customer))[0]
    plain = client.get(reverse("arrangements:receipt_file", args=[receipt.number])).content
    signed = client.get(reverse("receipts:signed_file", args=[receipt.number])).content.decode()

    assert plain == canonical(receipt.body)
    answer = client.post("/verify/", {"text": signed})
    assert f"{receipt.number} is genuine" in answer.text
