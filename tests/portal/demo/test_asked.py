"""The demo world has people who asked about their own data, so that no page of rights is empty."""

from __future__ import annotations

import pytest
from django.utils import timezone

from consent.rights.models import DataRequest, Task
from portal.demo import world

pytestmark = pytest.mark.django_db


def test_the_world_has_requests_in_several_states_and_nothing_that_is_late():
    world.build("a long enough password")

    now = timezone.now()
    states = DataRequest.objects.order_by("received_at").values_list(
        "person__email", "kind", "status"
    )
    assert list(states) == [
        (world.LEILA, "complaint", "completed"),
        (world.JONAS, "deletion", "completed"),
        (world.JONAS, "deletion", "in_progress"),
        (world.LEILA, "rectification", "in_progress"),
    ]
    assert not DataRequest.objects.overdue(at=now).exists()
    assert not Task.objects.late(at=now).exists()
    assert Task.objects.open().count() == 1
