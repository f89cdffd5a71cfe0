from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from partners.joining import actions
from partners.joining.models import Start
from partners.joining.templatetags.joining import span
from partners.organizations.actions import approve_organization, introduce_organization
from partners.organizations.actors import actor_of
from partners.organizations.models import Membership, Organization
from portal.access.actors import Role
from portal.accounts.areas import AccountInUse
from portal.errors import Conflict, NotAllowed
from portal.events.models import Event
from tests.factories.gateway import open_gate
from tests.factories.partners import OrganizationFactory
from tests.factories.people import UserFactory, member, staff, user_of

pytestmark = pytest.mark.django_db
PROFILE = {"name": "Halden", "country": "LT", "city": "", "website": "", "sector": "health"}


def begun(**given):
    user = UserFactory()
    return actions.start_in_sandbox(user, by=actor_of(user), **given)


def test_everything_for_a_first_call_appears_at_once():
    open_gate()

    started = begun()

    client = started.start.client
    organization = started.start.organization
    assert Membership.objects.get(organization=organization).roles == [Role.OWNER]
    assert (client.environment, client.application.organization) == ("sandbox", organization)
    assert client.credentials.get().hint == started.key[-4:]
    assert [use.scope.name for use in client.application.data_uses.all()] == ["open:read"]
    assert started.key not in repr(started)


def test_without_an_open_api_it_begins_all_the_same():
    started = begun()

    assert not started.start.client.application.data_uses.exists()


def test_staff_and_other_people_begin_nothing():
    officer = user_of(staff(Role.REVIEWER))

    with pytest.raises(AccountInUse):
        actions.start_in_sandbox(officer, by=actor_of(officer))
    with pytest.raises(NotAllowed):
        actions.start_in_sandbox(UserFactory(), by=actor_of(UserFactory()))

    assert not Start.objects.exists()


def test_the_first_answer_is_written_down_once_with_the_time_since_landing():
    landed = timezone.now() - timedelta(seconds=100)
    start = begun(landed_at=landed).start

    for after in (134, 500):
        actions.note_first_answer(start.organization.slug, at=landed + timedelta(seconds=after))
    actions.note_first_answer(OrganizationFactory().slug, at=landed)

    start.refresh_from_db()
    assert start.took == timedelta(seconds=134)
    [event] = Event.objects.filter(kind="partners.start.first_answer")
    assert event.facts == {"seconds": 134}


def test_a_landing_in_the_future_is_none_and_half_of_the_partners_set_the_usual_time():
    now = timezone.now()
    assert begun(landed_at=now + timedelta(hours=1)).start.landed_at is None
    assert actions.usual_start(since=now - timedelta(days=1)) is None

    for seconds in (10, 20, 90):
        begun_at = now + timedelta(minutes=1)
        Start.objects.filter(pk=begun().start.pk).update(
            begun_at=begun_at, answered_at=begun_at + timedelta(seconds=seconds)
        )

    assert actions.usual_start(since=now) == timedelta(seconds=20)


def test_a_sandbox_is_introduced_once_and_only_then_approved():
    organization = begun().start.organization
    owner = actor_of(organization.memberships.get().user)
    officer = staff(Role.REVIEWER)
    with pytest.raises(Conflict):
        approve_organization(organization, by=officer)
    with pytest.raises(NotAllowed):
        introduce_organization(organization, by=member(organization, Role.VIEWER), **PROFILE)

    introduce_organization(organization, by=owner, **PROFILE)
    with pytest.raises(Conflict):
        introduce_organization(organization, by=owner, **PROFILE)

    known = Organization.objects.get()
    assert (known.name, known.slug) == ("Halden", "halden")
    approve_organization(known, by=officer)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(8, "8 s"), (134, "2 min 14 s"), (11_100, "3 h 5 min"), (400_000, "4 days")],
    ids=["seconds", "minutes", "hours", "days"],
)
def test_a_span_is_said_as_people_say_it(seconds, said):
    assert span(timedelta(seconds=seconds)) == said
    assert span(None) == ""
