"""What takes personal data out of the portal asks again who is there."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from consent.arrangements.readings import note_reading
from partners.organizations.actors import actor_of
from tests.architecture.addresses import every_address
from tests.factories.consent import share
from tests.partners.pages import sign_in

# A receipt is one document, and says no more than the page that it hangs on.
RECEIPTS = {
    "me/receipts/<slug:number>.json",
    "me/receipts/<slug:number>.pdf",
    "me/receipts/<slug:number>.jws",
}
EXPORTS = {
    "me/data/export.json",
    "me/apps/<slug:slug>/log.csv",
    "me/rights/files/<str:token>/",
}
_IS_FILE = re.compile(r"\.(json|jws|csv|pdf|zip)$|/files/")


def test_every_file_of_a_customer_is_known_to_be_an_export_or_one_receipt():
    files = {address for address in every_address() if address.startswith("me/")}

    assert {address for address in files if _IS_FILE.search(address)} == RECEIPTS | EXPORTS


@pytest.mark.django_db
@pytest.mark.parametrize("address", sorted(EXPORTS))
def test_an_export_of_personal_data_wants_a_recent_sign_in(client, address):
    arrangement = share()
    client.force_login(arrangement.customer.user)
    path = f"/{address}".replace("<slug:slug>", arrangement.client.application.slug)

    answer = client.get(path.replace("<str:token>", "mcp_unknown"))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/confirm/?next=%2Fme%2F")


@pytest.mark.django_db
@pytest.mark.parametrize("file", ["data/export.json", "apps/{slug}/log.csv"])
def test_who_has_just_signed_in_takes_the_file(client, file):
    arrangement = share()
    sign_in(client, actor_of(arrangement.customer.user))

    answer = client.get(f"/me/{file.format(slug=arrangement.client.application.slug)}")

    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment; filename=")


@pytest.mark.django_db
def test_no_link_saves_the_question_of_who_is_there_as_the_file(client):
    """A link that says `download` keeps whatever it is answered, the page of the password too."""
    arrangement = share()
    now = timezone.now()
    note_reading(arrangement.pk, operation_key="a/v1/b", cluster_codes=["dose"], at=now)
    sign_in(client, actor_of(arrangement.customer.user))
    slug = arrangement.client.application.slug

    pages = [client.get(path).text for path in ("/me/data/", f"/me/apps/{slug}/log/")]

    links = [re.findall(r"<a [^>]*(?:export\.json|log\.csv)[^>]*>", page) for page in pages]
    assert [len(found) for found in links] == [1, 1]
    assert not any("download" in link for found in links for link in found)
