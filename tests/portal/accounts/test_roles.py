from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from partners.organizations.actors import actor_of
from portal.access.actors import Role
from portal.accounts import actions
from portal.errors import Malformed, NotAllowed
from portal.events.models import Event
from tests.factories.people import UserFactory, staff

pytestmark = pytest.mark.django_db


def test_the_command_makes_a_person_staff_once(capsys):
    user = UserFactory()

    call_command("give_role", user.email.upper(), "security")
    call_command("give_role", user.email, "security")

    assert actor_of(user).roles == {Role.SECURITY}
    assert [event.kind for event in Event.objects.all()] == ["accounts.role.given"]
    assert "was security before" in capsys.readouterr().out


def test_a_role_that_is_taken_is_gone_with_the_next_request():
    user = UserFactory()
    call_command("give_role", user.email, "reviewer")

    call_command("take_role", user.email, "reviewer")

    assert actor_of(user).roles == frozenset()


def test_an_unknown_address_and_an_unknown_role_are_refused():
    with pytest.raises(CommandError, match="Nobody has signed up"):
        call_command("give_role", "nobody@example.org", "security")
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("give_role", UserFactory().email, "owner")


def test_only_administrators_make_staff():
    with pytest.raises(NotAllowed):
        actions.give_role(UserFactory(), Role.ADMIN, by=staff(Role.SECURITY))
    with pytest.raises(Malformed):
        actions.give_role(UserFactory(), Role.OWNER, by=staff(Role.ADMIN))
