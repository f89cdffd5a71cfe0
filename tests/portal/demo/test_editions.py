from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.changes.models import Deprecation, Entry
from portal.access.actors import Role
from portal.demo import editions
from tests.factories.changes import publish
from tests.factories.people import staff

pytestmark = pytest.mark.django_db


def test_the_demo_shows_a_change_that_breaks_and_an_end_that_is_announced():
    first = Path(settings.BASE_DIR) / "portal/sandbox/descriptions/practitioners.v1.yaml"
    version = publish(first.read_bytes(), at=timezone.now())

    editions.publish_second(first, keeper=staff(Role.CATALOG), officer=staff(Role.PRIVACY))

    entry = Entry.objects.get(version__label="v2", kind=Entry.Kind.VERSION)
    assert entry.comparison.breaking_count == 1
    assert Deprecation.objects.get().version == version
    assert "<code>phone_number</code>" in Deprecation.objects.get().guide_html
