from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def test_the_gallery_shows_every_part_in_the_demo(client, settings):
    settings.DEMO = True

    page = client.get("/design/").content.decode()

    for part in ("depth", "tier", "badge", "steps", "ruler", "meter", "chart", "empty", "choices"):
        assert f'class="{part}' in page


def test_the_gallery_is_not_for_the_world(client):
    assert client.get("/design/").status_code == 404
