from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.apis.models import Api, ApiVersion
from catalog.changes import ending
from catalog.inventory.models import Deployment
from catalog.status.facts import state_of_version
from portal.access.actors import Role
from tests.factories.changes import parcels, publish
from tests.factories.people import staff

DAY = timedelta(days=1)


@pytest.mark.django_db
def test_the_status_tells_lives_ends_places_and_promises_and_no_more(
    client, django_assert_num_queries
):
    now = timezone.now()
    old = publish(parcels(), at=now - 300 * DAY)
    new = publish(parcels("2.0.0", fields=("id",)))
    empty = client.get("/apis/parcels/status/").content.decode()
    assert "Nothing is written down of where v2 runs" in empty
    assert "Nothing promised" in empty
    ending.announce_deprecation(
        old, by=staff(Role.CATALOG), deprecated_at=now, sunset_at=now + 200 * DAY, successor=new
    )
    Deployment.objects.create(
        version=new, environment="production", gateway="inner-name", kind="nginx",
        base_url="https://edge.example/parcels/v2", policies=["decision"], source="read",
    )  # fmt: skip
    Api.objects.update(slo_percent="99.900", slo_latency_ms=250)

    with django_assert_num_queries(4):
        page = client.get("/apis/parcels/status/").content.decode()
    text = client.get("/apis/parcels/status.md").content.decode()

    ends = f"{now + 200 * DAY:%-d %B %Y}"
    for shown in (page, text):
        for fact in ("https://edge.example/parcels/v2", "99.9 %", "250 ms", "Deprecated", ends):
            assert fact in shown
        assert "inner-name" not in shown
    assert f"| v1 | Deprecated | {ends} | v2 |" in text
    Api.objects.update(status="suspended")
    assert "every call is refused" in client.get("/apis/parcels/status/").content.decode()
    Api.objects.update(status="draft", published_at=None)
    assert client.get("/apis/parcels/status/").status_code == 404
    assert client.get("/apis/parcels/status.md").status_code == 404


def test_the_clock_says_how_a_version_stands_before_a_job_does():
    now = timezone.now()
    version = ApiVersion(status="stable", deprecated_at=now + DAY, sunset_at=now + 2 * DAY)

    states = [state_of_version(version, at=now + days * DAY).words for days in range(3)]

    assert states == ["Current", "Deprecated", "Ended"]
