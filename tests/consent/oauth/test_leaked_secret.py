from __future__ import annotations

import pytest

from partners.applications.actions import revoke_credential
from partners.applications.rotation import rotate_credential
from portal.access.actors import Role
from portal.events.log import deliver_due
from tests.factories.oauth import make_world
from tests.factories.people import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def is_active(world, token: str) -> bool:
    return world.post("/oauth/introspect", token=token).json()["active"]


def test_s18_a_secret_that_leaked_takes_its_tokens_along(world):
    """Within the seconds that the log's handlers take, of which a sweep comes every five."""
    owner = member(world.client.application.organization, Role.OWNER)
    given = world.exchange(world.code()).json()
    before = world.client.credentials.get()
    _, world.secret = rotate_credential(world.client, by=owner)

    revoke_credential(before, by=owner, reason="leaked")
    deliver_due()

    assert not is_active(world, given["access_token"])
    assert world.refresh(given["refresh_token"]).json()["error"] == "invalid_grant"
    later = world.exchange(world.code()).json()["access_token"]
    deliver_due()
    assert is_active(world, later)


def test_a_secret_that_was_only_rotated_leaves_its_tokens(world):
    owner = member(world.client.application.organization, Role.OWNER)
    token = world.exchange(world.code()).json()["access_token"]
    before = world.client.credentials.get()
    _, world.secret = rotate_credential(world.client, by=owner)

    revoke_credential(before, by=owner, reason="rotated")
    deliver_due()

    assert is_active(world, token)
