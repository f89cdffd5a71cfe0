from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from partners.organizations import invitations
from partners.organizations.actors import actor_of
from partners.organizations.models import Invitation, Membership
from portal.access.actors import Role
from portal.accounts.areas import AccountInUse
from portal.errors import Conflict, Malformed, NotAllowed, TooMany
from portal.events.models import Event
from portal.notifications.actions import send_due_messages
from portal.notifications.models import Message
from tests.factories.partners import OrganizationFactory
from tests.factories.people import UserFactory, invited, member, staff, token_for, user_of
from tests.partners.pages import sign_in

pytestmark = pytest.mark.django_db
EMAIL = "new@example.org"


@pytest.fixture
def organization():
    return OrganizationFactory(approved=True, name="Halden")


@pytest.fixture
def owner(organization):
    return member(organization, Role.OWNER)


def accept(invitation, user):
    return invitations.accept_invitation(invitation, user, by=actor_of(user))


def test_who_is_invited_becomes_a_member_with_the_roles_of_the_invitation(organization, owner):
    invitation, _ = invited(organization, by=owner)
    user = UserFactory(email="New@Example.org")

    accept(invitation, user)

    assert actor_of(user).memberships[organization.pk] == {Role.DEVELOPER}
    assert [event.kind for event in Event.objects.order_by("pk")] == [
        "partners.invitation.sent",
        "partners.invitation.accepted",
    ]
    with pytest.raises(Conflict):
        accept(Invitation.objects.get(), user)


def test_the_link_is_mailed_and_kept_nowhere(organization, owner):
    _, token = invited(organization, by=owner)

    send_due_messages()

    assert f"/invitations/{token}/" in mail.outbox[0].body
    assert mail.outbox[0].to == [EMAIL]
    sent = Message.objects.get()
    assert token not in sent.text + sent.html + sent.link
    assert token not in Invitation.objects.get().digest
    assert EMAIL not in str(Event.objects.get().facts)


def test_the_wrong_person_cannot_answer_and_is_told_whose_turn_it_is(client, organization, owner):
    _, token = invited(organization, by=owner)
    wrong = UserFactory()
    client.force_login(wrong)

    page = client.get(f"/invitations/{token}/").content.decode()

    assert "This is for somebody else" in page
    assert EMAIL not in page
    for answer in ("accept", "decline"):
        refused = client.post(f"/invitations/{token}/answer/", {"answer": answer})
        assert refused.status_code == 403
    assert Invitation.objects.get().status == "sent"


def test_a_visitor_is_led_to_sign_in_and_back(client, organization, owner):
    _, token = invited(organization, by=owner)

    page = client.get(f"/invitations/{token}/").content.decode()

    assert f"/sign-in/?next=/invitations/{token}/" in page
    assert f"/sign-up/?next=/invitations/{token}/" in page
    assert client.get("/invitations/min_nothing/").status_code == 404


def test_the_right_person_accepts_on_the_page_and_works_for_it_at_once(client, organization, owner):
    other = OrganizationFactory(name="Kestrel")
    user = user_of(member(other, Role.OWNER))
    _, token = invited(organization, by=owner, email=user.email)
    client.force_login(user)
    assert "Join Halden" in client.get(f"/invitations/{token}/").content.decode()

    client.post(f"/invitations/{token}/answer/", {"answer": "accept"})

    assert "at Halden." in client.get("/team/").content.decode()
    assert "has ended" in client.get(f"/invitations/{token}/").content.decode()


def test_declining_ends_it(organization, owner):
    invitation, _ = invited(organization, by=owner)
    user = UserFactory(email=EMAIL)

    invitations.decline_invitation(invitation, user, by=actor_of(user))

    with pytest.raises(Conflict):
        accept(Invitation.objects.get(), user)
    assert not Membership.objects.filter(user=user).exists()


def test_a_new_link_ends_the_old_one_and_taking_back_ends_all(client, organization, owner):
    invitation, first = invited(organization, by=owner)

    invitations.invite_again(invitation, by=owner)

    assert invitations.find_invitation(first) is None
    assert invitations.find_invitation(token_for(EMAIL)) == invitation
    sign_in(client, owner)
    client.post(f"/team/invitations/{invitation.pk}/revocation/")
    assert Invitation.objects.get().status == "revoked"
    with pytest.raises(invitations.InvitationEnded):
        invitations.invite_again(Invitation.objects.get(), by=owner)


def test_an_invitation_ends_with_its_week_and_another_can_follow(organization, owner):
    invitation, _ = invited(organization, by=owner)
    user = UserFactory(email=EMAIL)
    Invitation.objects.update(expires_at=timezone.now())

    with pytest.raises(invitations.InvitationEnded):
        accept(Invitation.objects.get(), user)
    again, _ = invited(organization, by=owner)

    accept(again, user)
    assert set(Invitation.objects.values_list("status", flat=True)) == {"revoked", "accepted"}
    assert invitation.pk != again.pk


def test_ownership_is_never_in_a_mail_and_managing_is_not_for_everybody(organization, owner):
    with pytest.raises(Malformed):
        invitations.invite(organization, by=owner, email=EMAIL, roles=[Role.OWNER])
    for by in (member(organization, Role.DEVELOPER), member(OrganizationFactory(), Role.OWNER)):
        with pytest.raises(NotAllowed):
            invitations.invite(organization, by=by, email=EMAIL, roles=[Role.VIEWER])


def test_staff_cannot_be_brought_in(organization, owner):
    officer = user_of(staff(Role.REVIEWER))
    invitation, _ = invited(organization, by=owner, email=officer.email)

    with pytest.raises(AccountInUse):
        accept(invitation, officer)


def test_an_organization_mails_so_many_a_day_and_no_more(organization, owner, monkeypatch):
    monkeypatch.setitem(invitations.MAILS_A_DAY, organization.status, 2)
    invitation, _ = invited(organization, by=owner)
    invitations.invite_again(invitation, by=owner)

    with pytest.raises(TooMany):
        invited(organization, by=owner, email="another@example.org")
    with pytest.raises(TooMany):
        invitations.invite_again(invitation, by=owner)

    assert Message.objects.count() == 2


def test_no_mailbox_is_flooded_by_many_organizations_and_none_of_them_learns_of_another():
    owners = [member(each, Role.OWNER) for each in OrganizationFactory.create_batch(5)]

    for owner in owners:
        [organization_id] = owner.memberships
        organization = OrganizationFactory._meta.model.objects.get(pk=organization_id)
        invitations.invite(organization, by=owner, email=EMAIL, roles=[Role.VIEWER])

    assert Invitation.objects.filter(status="sent").count() == 5
    assert Message.objects.filter(address=EMAIL).count() == 3


def test_inviting_says_the_same_of_an_address_that_is_known_and_of_one_that_is_not(
    client, owner, django_assert_num_queries
):
    sign_in(client, owner)
    known = UserFactory().email
    pages = []
    for email in (known, "nobody@example.org"):
        sent = client.post("/team/", {"email": email, "roles": ["viewer"]}, follow=True)
        pages.append(sent.content.decode().count("is invited, until"))

    assert pages == [1, 1]
    again = client.post("/team/", {"email": known, "roles": ["viewer"]}).content.decode()
    assert "is invited already" in again


def test_old_invitations_are_forgotten(organization, owner):
    invited(organization, by=owner)
    invited(organization, by=owner, email="late@example.org")
    Invitation.objects.filter(email=EMAIL).update(expires_at=timezone.now() - timedelta(days=31))

    invitations.forget_old_invitations()

    assert [each.email for each in Invitation.objects.all()] == ["late@example.org"]
