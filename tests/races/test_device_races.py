"""Device codes under real threads: one use, one answer, nothing after a withdrawal."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from consent.oauth import devices
from consent.oauth.callers import Caller
from consent.oauth.models import AccessToken, AuthorizationIntent
from consent.oauth.parameters import Parameters
from tests.factories.oauth import World, make_world
from tests.races.threads import at_once, live_tokens, running, withdraw

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 10


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def allowed(world: World) -> str:
    """Return a device code that the customer has allowed."""
    now = timezone.now()
    began = devices.begin(Caller(world.client), Parameters({"scope": "need:read"}), at=now)
    code = devices.digest(devices.normal(began["user_code"]))
    device = devices.DeviceGrant.objects.select_related("application__application").get(
        user_code=code
    )
    intent: AuthorizationIntent = devices.open_intent(world.customer, device, at=now)
    form = {"intent": str(intent.pk), "until": "90", "decision": "allow"}
    assert world.browser.post("/device/", form)["Location"] == "/device/answered/"
    return str(began["device_code"])


def collect(world: World, code: str) -> Any:
    return world.post(grant_type=devices.GRANT_TYPE, device_code=code)


def test_a_device_code_that_is_collected_four_times_at_once_is_answered_once(world):
    for _ in range(ROUNDS):
        code = allowed(world)

        answers = at_once(*[partial(collect, world, code)] * 4)

        assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
        assert not live_tokens()
    assert AccessToken.objects.count() == ROUNDS


def test_a_withdrawal_while_a_device_collects_leaves_nothing_that_lives(world):
    for _ in range(ROUNDS):
        code, arrangement = allowed(world), running()

        answer, _ = at_once(partial(collect, world, code), partial(withdraw, world, arrangement))

        assert answer.status_code in {200, 400}, answer.content
        assert not live_tokens()
