"""One request URI and one assertion under real threads: each counts once."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client as Browser

from consent.oauth.models import AuthorizationIntent
from tests.factories.consent import CustomerFactory
from tests.factories.fapi import make_fapi_world
from tests.factories.oauth import World, make_world
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def test_of_two_people_with_one_request_uri_one_decides(world):
    other = Browser()
    other.force_login(CustomerFactory().user)
    for round_ in range(1, ROUNDS + 1):
        uri = world.pushed()
        mine, theirs = world.open(uri), world.open(uri, browser=other)

        answers = at_once(
            partial(world.decide, mine, "allow" if round_ % 2 else "deny"),
            partial(world.decide, mine),
            partial(world.decide, theirs, browser=other),
        )

        assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
        decided = AuthorizationIntent.objects.filter(pushed__used_at__isnull=False)
        assert decided.exclude(decided_at=None).count() == round_


def test_of_four_uses_of_one_assertion_one_counts():
    world = make_fapi_world()
    assertion = world.assertion()
    ask = partial(
        world.post, assertion=assertion, grant_type="client_credentials", scope="open:read"
    )

    answers = at_once(*[ask] * 4)

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
