from __future__ import annotations

import pytest

from partners.organizations import actions
from partners.organizations.actors import actor_of
from partners.organizations.models import Membership, Organization
from partners.organizations.people import people_of
from partners.organizations.words import plain_line
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed
from portal.events.models import Event
from tests.factories.partners import OrganizationFactory
from tests.factories.people import UserFactory, member, staff, user_of

pytestmark = pytest.mark.django_db

PROFILE = {"country": "LT", "city": "Vilnius", "website": "", "sector": "health"}


def test_whoever_joins_becomes_the_owner():
    user = UserFactory()

    organization = actions.join(user, by=actor_of(user), name="Halden Health", **PROFILE)

    assert organization.slug == "halden-health"
    assert organization.status == Organization.Status.REGISTERED
    assert Membership.objects.get().roles == [Role.OWNER]
    event = Event.objects.get()
    assert (event.kind, event.organization_id) == (
        "partners.organization.joined",
        organization.pk,
    )


def test_nobody_joins_in_the_name_of_somebody_else():
    with pytest.raises(NotAllowed):
        actions.join(UserFactory(), by=actor_of(UserFactory()), name="Other", **PROFILE)


@pytest.mark.parametrize("name", ["Partner 1", "友達"])
def test_two_organizations_of_one_name_get_two_slugs(name):
    users = UserFactory.create_batch(2)

    first, second = (actions.join(user, by=actor_of(user), name=name, **PROFILE) for user in users)

    assert first.slug != second.slug
    assert second.slug.startswith(first.slug)


def test_a_suspended_organization_comes_back_as_approved():
    organization = OrganizationFactory(approved=True)
    officer = staff(Role.SECURITY)

    actions.suspend_organization(organization, by=officer, reason="A leak.")
    assert Organization.objects.get().suspended_at is not None
    actions.reinstate_organization(organization, by=officer)

    assert Organization.objects.get().status == Organization.Status.APPROVED
    assert Event.objects.filter(facts__reason="A leak.").count() == 1


def test_a_registered_organization_cannot_be_suspended():
    with pytest.raises(Conflict):
        actions.suspend_organization(OrganizationFactory(), by=staff(Role.ADMIN), reason="-")


@pytest.mark.parametrize("role", [Role.OWNER, Role.DEVELOPER, Role.SECURITY_CONTACT])
def test_a_member_may_not_approve_suspend_or_reinstate_the_own_organization(role):
    organization = OrganizationFactory()
    insider = member(organization, role)

    with pytest.raises(NotAllowed):
        actions.approve_organization(organization, by=insider)
    with pytest.raises(NotAllowed):
        actions.suspend_organization(organization, by=insider, reason="-")
    with pytest.raises(NotAllowed):
        actions.reinstate_organization(organization, by=insider)


def test_only_an_owner_changes_the_profile_and_only_changes_are_news():
    organization = OrganizationFactory(city="Vilnius", country="LT")

    with pytest.raises(NotAllowed):
        actions.change_organization(
            organization, by=member(organization, Role.DEVELOPER), **PROFILE
        )
    owner = member(organization, Role.OWNER)
    actions.change_organization(organization, by=owner, **PROFILE)
    actions.change_organization(organization, by=owner, **PROFILE)

    assert [event.facts for event in Event.objects.all()] == [{"fields": ["sector"]}]


def test_people_are_found_by_their_roles():
    organization = OrganizationFactory()
    owner = member(organization, Role.OWNER, Role.SIGNER)
    contact = member(organization, Role.SECURITY_CONTACT)
    member(OrganizationFactory(), Role.OWNER)

    assert list(people_of(organization.pk, Role.OWNER, Role.SIGNER)) == [user_of(owner)]
    assert list(people_of(organization.pk)) == [user_of(owner), user_of(contact)]


@pytest.mark.parametrize("hidden", ["\x00", "\n", "\u202e", "\u200b", "\u2028"])
def test_hidden_characters_are_not_plain(hidden):
    with pytest.raises(Exception, match="plain text"):
        plain_line(f"Halden{hidden}Health")


def test_every_script_is_plain():
    plain_line("Тест 友達 Ħëllø – “quoted”")
