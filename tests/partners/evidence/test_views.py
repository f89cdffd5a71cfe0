from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from partners.evidence import scanning
from partners.evidence.models import EvidenceFile
from portal.access.actors import Role
from portal.events.models import Event
from tests.factories.evidence import EICAR_PDF, PDF, scanned, uploaded
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory(approved=True)


@pytest.fixture
def amara(organization):
    return member(organization, Role.OWNER)


def report(body: bytes = PDF, name: str = "report.pdf"):
    return SimpleUploadedFile(name, body)


def test_an_upload_waits_and_then_can_be_saved_but_never_shown_as_a_page(
    client, scanner, organization, amara
):
    sign_in(client, amara)

    answer = client.post(reverse("evidence:files"), {"file": report()}, follow=True)
    assert "Waiting for the scan" in answer.content.decode()
    evidence = EvidenceFile.objects.get()
    place = reverse("evidence:download", args=[evidence.public_id])
    assert client.get(place).status_code == 409

    scanning.scan_due()
    answer = client.get(place)
    assert b"".join(answer) == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="report.pdf"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/pdf"
    assert Event.objects.filter(kind="partners.evidence.downloaded").count() == 1
    page = client.get(reverse("evidence:files")).content.decode()
    assert "Checked, safe" in page


def test_a_refused_file_is_explained_beside_the_field(client, settings, tmp_path, amara):
    settings.EVIDENCE_DIR = tmp_path
    sign_in(client, amara)

    answer = client.post(reverse("evidence:files"), {"file": report(b"<svg/>", "mark.svg")})

    assert answer.status_code == 422
    assert "Save it as PNG or PDF" in answer.content.decode()


def test_a_file_takes_the_place_of_another_and_can_be_removed(client, scanner, organization, amara):
    before = scanned(organization, by=amara)
    sign_in(client, amara)

    client.post(before.get_absolute_url(), {"file": report(name="newer.pdf")})
    before.refresh_from_db()
    assert before.status == EvidenceFile.Status.REMOVED
    newer = EvidenceFile.objects.kept().get()

    removal = reverse("evidence:removal", args=[newer.public_id])
    assert "no way to bring it back" in client.get(removal).content.decode()
    client.post(removal)
    assert not EvidenceFile.objects.kept().exists()
    assert client.get(newer.get_absolute_url()).status_code == 404


def test_staff_see_every_file_and_whether_anybody_scans(client, scanner, settings, organization):
    scanned(organization, body=EICAR_PDF)
    uploaded(OrganizationFactory(), name="other.pdf")
    sign_in(client, staff(Role.SECURITY))

    page = client.get(reverse("evidence:desk")).content.decode()
    assert "Test.EICAR" in page
    assert "other.pdf" in page
    only = client.get(reverse("evidence:desk"), {"status": "infected"}).content.decode()
    assert "other.pdf" not in only

    settings.CLAMD_URL = ""
    assert "The scanner does not answer" in client.get(reverse("evidence:desk")).content.decode()


def test_the_list_costs_the_same_for_one_file_and_for_many(
    client, scanner, organization, amara, django_assert_max_num_queries
):
    for _ in range(5):
        uploaded(organization, by=amara)
    sign_in(client, amara)

    with django_assert_max_num_queries(16):
        client.get(reverse("evidence:files"))


def test_programs_upload_ask_and_save(client, scanner, organization, amara):
    sign_in(client, amara)
    place = "/api/v1/files"

    answer = client.post(place, {"organization": organization.slug, "file": report()})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["status"], told["kind"]) == ("quarantined", "pdf")
    content = f"{place}/{told['id']}/content"
    assert client.get(content).json()["code"] == "file_not_ready"

    scanning.scan_due()
    assert client.get(f"{place}/{told['id']}").json()["status"] == "clean"
    assert b"".join(client.get(content)) == PDF
    assert [one["id"] for one in client.get(place).json()["results"]] == [told["id"]]
    assert client.delete(f"{place}/{told['id']}").status_code == 204
    assert client.get(f"{place}/{told['id']}").status_code == 404

    refused = client.post(place, {"organization": organization.slug, "file": report(b"MZ")})
    assert (refused.status_code, json.loads(refused.content)["code"]) == (
        422,
        "executable_not_allowed",
    )


def test_another_partner_finds_nothing(client, scanner, organization):
    evidence = scanned(organization)
    sign_in(client, member(OrganizationFactory(), Role.OWNER))

    for name in ("file", "download", "removal"):
        assert client.get(reverse(f"evidence:{name}", args=[evidence.public_id])).status_code == 404
    assert client.get(f"/api/v1/files/{evidence.public_id}").status_code == 404
