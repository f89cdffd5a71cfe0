from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.scopes.models import Depth
from partners.drafts.models import Draft
from partners.questionnaires import library, publishing
from partners.questionnaires.models import Assignment, TemplateVersion
from portal.access.actors import SYSTEM, Role
from tests.factories.catalog import DataClusterFactory
from tests.factories.partners import DataUseFactory, OrganizationFactory
from tests.factories.people import staff
from tests.factories.questionnaires import document_of
from tests.partners.drafts.test_reading import ASVS, VSAQ
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
SHELF = "/console/questionnaires/"


def upload(client, body: bytes, **fields):
    file = SimpleUploadedFile("catalogue.json", body, "application/json")
    return client.post(SHELF, {"file": file, **fields})


def test_one_brings_it_in_and_another_publishes_it(client):
    author, other = staff(Role.SECURITY), staff(Role.ADMIN)
    sign_in(client, author)
    place = upload(client, json.dumps(ASVS).encode(), source="asvs", level="1").headers["Location"]

    assert "somebody else publishes it" in client.get(place).content.decode()
    assert client.post(f"{place}publication/").status_code == 403
    sign_in(client, other)
    assert "Door 1 is shut." in client.get(place).content.decode()
    assert client.post(f"{place}publication/").headers["Location"] == SHELF

    version = TemplateVersion.objects.get()
    assert (version.author_id, version.published_by_id) == (author.person_id, other.person_id)
    assert "ASVS 5.0, level 1 5.0.0" in client.get(SHELF).content.decode()
    assert client.post(f"{place}removal/").status_code == 409


def test_what_was_left_out_is_said_and_a_draft_can_go(client):
    sign_in(client, staff(Role.REVIEWER))
    assert upload(client, VSAQ, source="vsaq").status_code == 422
    place = upload(client, VSAQ, source="vsaq", code="doors", title="Doors").headers["Location"]

    assert "3 notes on what was left out" in client.get(place).content.decode()
    client.post(f"{place}removal/")
    assert Draft.objects.get().status == "discarded"
    assert not TemplateVersion.objects.exists()


def test_a_file_that_cannot_work_is_no_draft(client):
    sign_in(client, staff(Role.ADMIN))
    ahead = document_of({"key": "one", "visible_if": {"answered": "two"}}, {"key": "two"})

    answer = upload(client, json.dumps(ahead).encode(), source="ours")

    assert answer.status_code == 422
    assert "looks ahead" in answer.content.decode()
    assert not Draft.objects.exists()


def test_a_partner_is_asked_as_much_as_it_can_reach(client):
    for document in library.documents():
        publishing.publish_template(document, by=SYSTEM)
    harmless = OrganizationFactory()
    cluster = DataClusterFactory(depth=Depth.SENSITIVE)
    use = DataUseFactory(scope__cluster_code=cluster.code, max_days=90)
    sign_in(client, staff(Role.SECURITY))

    for organization in (harmless, use.application.organization):
        client.post(f"{SHELF}ask/", {"organization": organization.pk})

    asked = dict(Assignment.objects.values_list("organization_id", "version__template__code"))
    assert asked == {harmless.pk: "onboarding", use.application.organization_id: "extended"}
