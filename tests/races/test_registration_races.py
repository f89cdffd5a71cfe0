"""An initial access token under real threads: never one client more than it may register."""

from __future__ import annotations

from functools import partial

import pytest

from consent.registration.models import InitialToken, Registration
from tests.consent.registration.test_register import Program
from tests.races.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_four_registrations_at_once_as_many_succeed_as_are_left():
    program = Program(count=2)

    answers = at_once(
        *[partial(program.register, client_name=f"Build {number}") for number in range(4)]
    )

    assert sorted(answer.status_code for answer in answers) == [201, 201, 401, 401]
    assert InitialToken.objects.get().used_count == 2
    assert Registration.objects.count() == 2
