from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from django.utils import timezone

from catalog.apis.models import ApiVersion
from tests.factories.catalog import ApiFactory

pytestmark = pytest.mark.django_db


def test_the_api_catalog_lists_what_is_published(client):
    published = ApiFactory(slug="prescriptions", name="Prescriptions", published=True)
    for label, status in (("v1", "stable"), ("v2", "draft")):
        at = None if status == "draft" else timezone.now()
        ApiVersion.objects.create(api=published, label=label, status=status, published_at=at)
    ApiVersion.objects.create(
        api=ApiFactory(), label="v1", status="stable", published_at=timezone.now()
    )

    answer = client.get("/.well-known/api-catalog")

    first, *described = answer.json()["linkset"]
    assert answer["Content-Type"].startswith("application/linkset+json")
    assert first["anchor"] == "http://testserver/.well-known/api-catalog"
    assert first["item"] == [
        {"href": "http://testserver/sandbox/prescriptions/v1", "title": "Prescriptions v1"}
    ]
    assert [link["anchor"] for link in described] == [first["item"][0]["href"]]


def test_the_api_catalog_names_itself_to_who_asks_for_the_head_only(client):
    answer = client.head("/.well-known/api-catalog")

    assert 'rel="api-catalog"' in answer["Link"]


@time_machine.travel("2026-03-12T10:38:00Z")
def test_researchers_learn_whom_to_tell_and_until_when_that_holds(client):
    lines = client.get("/.well-known/security.txt").content.decode().splitlines()

    facts = dict(line.split(": ", 1) for line in lines)
    assert facts["Contact"].startswith("mailto:")
    assert facts["Canonical"] == "http://testserver/.well-known/security.txt"
    assert datetime.fromisoformat(facts["Expires"]) > timezone.now()
