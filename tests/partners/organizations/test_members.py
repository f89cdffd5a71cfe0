from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from partners.organizations import members, ownership
from partners.organizations.actors import actor_of
from partners.organizations.models import Membership, OwnershipOffer
from portal.access.actors import Role
from portal.accounts.actions import give_role
from portal.accounts.areas import AccountInUse
from portal.accounts.models import StaffRole
from portal.errors import Conflict, NotAllowed
from portal.events import log
from portal.events.models import Event
from portal.notifications.models import Message
from tests.factories.partners import OrganizationFactory
from tests.factories.people import UserFactory, member, staff, user_of
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db


def place_of(actor):
    return Membership.objects.get(user_id=actor.person_id)


def now(actor):
    """Return the actor with the roles of this moment."""
    return actor_of(user_of(actor))


def test_an_owner_gives_roles_and_each_change_is_told():
    organization = OrganizationFactory()
    owner, other = member(organization, Role.OWNER), member(organization, Role.VIEWER)

    roles = {Role.DEVELOPER, Role.SIGNER}
    members.change_roles(place_of(other), by=owner, roles=roles)
    members.change_roles(place_of(other), by=owner, roles=roles)
    log.deliver_due()

    assert now(other).memberships[organization.pk] == roles
    assert Event.objects.get().facts == {"roles": ["developer", "signer"]}
    told = Message.objects.get(user_id=other.person_id)
    assert "Developer, Signer" in told.text


def test_an_admin_gives_roles_but_not_to_themselves_or_to_an_owner():
    organization = OrganizationFactory()
    owner, admin = member(organization, Role.OWNER), member(organization, Role.ORGANIZATION_ADMIN)
    viewer = member(organization, Role.VIEWER)

    members.change_roles(place_of(viewer), by=admin, roles={Role.DEVELOPER})
    for whose, roles in (
        (owner, {Role.OWNER, Role.SIGNER}),
        (admin, {Role.ORGANIZATION_ADMIN, Role.SIGNER}),
    ):
        with pytest.raises(NotAllowed):
            members.change_roles(place_of(whose), by=admin, roles=roles)

    assert now(viewer).memberships[organization.pk] == {Role.DEVELOPER}
    assert now(admin).memberships[organization.pk] == {Role.ORGANIZATION_ADMIN}


def test_nobody_becomes_or_stops_being_an_owner_by_a_tick():
    organization = OrganizationFactory()
    owner, viewer = member(organization, Role.OWNER), member(organization, Role.VIEWER)

    with pytest.raises(members.OwnerStays):
        members.change_roles(place_of(viewer), by=owner, roles={Role.OWNER})
    with pytest.raises(members.OwnerStays):
        members.change_roles(place_of(owner), by=owner, roles={Role.VIEWER})


@pytest.mark.parametrize(
    "role", [Role.DEVELOPER, Role.SECURITY_CONTACT, Role.SIGNER, Role.VIEWER], ids=str
)
def test_other_members_manage_nobody(role):
    organization = OrganizationFactory()
    viewer, insider = member(organization, Role.VIEWER), member(organization, role)

    with pytest.raises(NotAllowed):
        members.change_roles(place_of(viewer), by=insider, roles={Role.SIGNER})
    with pytest.raises(NotAllowed):
        members.remove_member(place_of(viewer), by=insider)


def test_who_is_removed_is_out_from_the_next_request_on(client):
    organization = OrganizationFactory()
    owner, other = member(organization, Role.OWNER), member(organization, Role.DEVELOPER)
    sign_in(client, other)
    assert client.get("/team/").status_code == 200

    members.remove_member(place_of(other), by=owner)

    assert client.get("/team/").status_code == 404
    with pytest.raises(members.OwnerStays):
        members.remove_member(place_of(owner), by=owner)


def test_the_last_owner_cannot_leave_and_one_of_two_can():
    organization = OrganizationFactory()
    first = member(organization, Role.OWNER)

    with pytest.raises(members.OwnerStays):
        members.leave(organization, by=first)
    second = member(organization, Role.OWNER)
    members.leave(organization, by=first)
    with pytest.raises(members.OwnerStays):
        members.leave(organization, by=second)

    assert list(Membership.objects.values_list("user_id", flat=True)) == [second.person_id]


def test_an_owner_whose_account_is_closed_does_not_count_as_one():
    organization = OrganizationFactory()
    owner, gone = member(organization, Role.OWNER), user_of(member(organization, Role.OWNER))
    gone.is_active = False
    gone.save()

    with pytest.raises(members.OwnerStays):
        members.leave(organization, by=owner)


def test_ownership_moves_when_the_other_person_agrees_and_the_old_owner_hears_of_it():
    organization = OrganizationFactory()
    old, heir = member(organization, Role.OWNER), member(organization, Role.DEVELOPER)
    offer = ownership.offer_ownership(place_of(heir), by=old, steps_down=True)
    assert Role.OWNER not in now(heir).memberships[organization.pk]

    with pytest.raises(NotAllowed):
        ownership.take_ownership(offer, by=old)
    ownership.take_ownership(offer, by=heir)
    log.deliver_due()

    assert now(heir).memberships[organization.pk] == {Role.OWNER, Role.DEVELOPER}
    assert now(old).memberships[organization.pk] == {Role.ORGANIZATION_ADMIN}
    told = Message.objects.filter(kind="organizations/ownership_taken")
    assert set(told.values_list("user_id", flat=True)) == {old.person_id, heir.person_id}


def test_an_offer_can_be_taken_back_or_declined_and_lapses():
    organization = OrganizationFactory()
    owner, heir = member(organization, Role.OWNER), member(organization, Role.VIEWER)
    offer = ownership.offer_ownership(place_of(heir), by=owner, steps_down=False)
    with pytest.raises(Conflict):
        ownership.offer_ownership(place_of(heir), by=owner, steps_down=True)
    with pytest.raises(Conflict, match="on offer"):
        members.leave(organization, by=heir)

    ownership.withdraw_offer(offer, by=owner)
    with pytest.raises(Conflict):
        ownership.take_ownership(OwnershipOffer.objects.get(pk=offer.pk), by=heir)
    declined = ownership.offer_ownership(place_of(heir), by=owner, steps_down=False)
    ownership.decline_ownership(declined, by=heir)
    late = ownership.offer_ownership(place_of(heir), by=owner, steps_down=False)
    OwnershipOffer.objects.filter(pk=late.pk).update(expires_at=late.offered_at)
    with pytest.raises(ownership.NotOnOffer):
        ownership.take_ownership(late, by=heir)
    ownership.offer_ownership(place_of(heir), by=owner, steps_down=False)

    assert now(heir).memberships[organization.pk] == {Role.VIEWER}


def test_nobody_is_staff_and_a_partner_at_once_whatever_is_called():
    insider, officer = user_of(member(OrganizationFactory(), Role.OWNER)), staff(Role.REVIEWER)

    with pytest.raises(AccountInUse):
        give_role(insider, Role.REVIEWER, by=staff(Role.ADMIN))
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffRole.objects.bulk_create([StaffRole(user=insider, role=Role.REVIEWER)])
    place = Membership(
        organization=OrganizationFactory(), user=user_of(officer), roles=[Role.VIEWER]
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        place.save()

    assert actor_of(insider).roles == frozenset()


def test_a_person_of_several_organizations_sees_for_which_one_and_switches(client):
    first, second = OrganizationFactory(name="Halden"), OrganizationFactory(name="Kestrel")
    person = member(first, Role.OWNER)
    sign_in(client, person)
    assert "You work for" not in client.get("/team/").content.decode()
    Membership.objects.create(organization=second, user_id=person.person_id, roles=[Role.VIEWER])
    assert "at Halden." in client.get("/team/").content.decode()

    client.post("/organization/", {"organization": second.slug, "next": "/team/"})

    page = client.get("/team/").content.decode()
    assert "at Kestrel." in page
    assert "You work for" in page
    stranger = OrganizationFactory()
    assert client.post("/organization/", {"organization": stranger.slug}).status_code == 404


def test_the_pages_of_a_member_of_an_offer_and_of_leaving(client):
    organization = OrganizationFactory(name="Halden")
    owner, heir = member(organization, Role.OWNER), member(organization, Role.VIEWER)
    sign_in(client, owner)
    assert client.get("/team/leaving/").status_code == 200
    assert client.post("/team/leaving/").status_code == 409
    place = place_of(heir)
    client.post(f"/team/{place.pk}/", {"roles": ["developer"]})
    assert client.post(f"/team/{place.pk}/", {}).status_code == 200
    client.post("/team/ownership/", {"to": place.pk, "steps_down": "yes"})
    offer = OwnershipOffer.objects.get()
    assert "Take the offer back" in client.get("/team/").content.decode()

    sign_in(client, heir)
    assert "Become an owner" in client.get("/team/").content.decode()
    client.post(f"/team/ownership/{offer.pk}/take/")

    assert now(heir).memberships[organization.pk] == {Role.OWNER, Role.DEVELOPER}
    assert client.post(f"/team/ownership/{offer.pk}/nonsense/").status_code == 404
    sign_in(client, member(OrganizationFactory(), Role.OWNER))
    assert client.get(f"/team/{place.pk}/").status_code == 404
    assert client.get(f"/team/{UserFactory().pk + 999}/").status_code == 404
