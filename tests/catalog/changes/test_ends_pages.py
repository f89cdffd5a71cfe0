from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.changes.models import Deprecation
from portal.access.actors import Role
from tests.factories.changes import parcels, publish
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db
PAGE = "/console/changes/parcels/v1/end/"


def day(days: int) -> str:
    return f"{timezone.now() + timedelta(days=days):%Y-%m-%d}"


def test_staff_announce_put_off_and_take_back_an_end(client):
    publish(parcels(), at=timezone.now() - timedelta(days=300))
    publish(parcels("2.0.0", fields=("id",)))
    keeper = Client()
    keeper.force_login(user_of(staff(Role.CATALOG)))
    said = {"deprecated_at": day(0), "successor": "v2", "guide": "Read.", "segments": "production"}

    early = keeper.post(PAGE, {**said, "sunset_at": day(20)})
    assert early.status_code == 422
    assert "Not before" in early.content.decode()
    assert keeper.post(PAGE, {**said, "sunset_at": day(200)}).status_code == 302

    found = Deprecation.objects.get()
    assert (found.successor.label, found.segments) == ("v2", ["production"])
    for page in ("/apis/parcels/v1/", "/apis/parcels/v1/getParcel/"):
        assert "v1 stops answering on" in client.get(page).content.decode()
    assert "stops answering" not in client.get("/apis/parcels/v2/").content.decode()
    assert keeper.post(PAGE, {"sunset_at": day(100)}).status_code == 422
    assert keeper.post(PAGE, {"sunset_at": day(300)}).status_code == 302
    assert ApiVersion.objects.get(label="v1").sunset_at.date().isoformat() == day(300)
    assert keeper.post(PAGE, {"withdraw": "yes"}).status_code == 302
    assert ApiVersion.objects.get(label="v1").sunset_at is None
