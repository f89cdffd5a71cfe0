"""Bringing people in: a link in a mail, which only the owner of that mailbox can use."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from partners.organizations.actions import require_free
from partners.organizations.events import OrganizationEvent
from partners.organizations.members import add_member
from partners.organizations.models import Invitation, Membership, Organization
from partners.organizations.models.invitation import INVITED_ROLES
from portal.access.actors import Actor, Role
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, Malformed, NotAllowed, TooMany
from portal.events.log import record
from portal.events.models import Event
from portal.notifications.actions import notify
from portal.notifications.caps import has_room
from portal.secrets import digest, new_secret

PREFIX = "min_"
MAIL = "invitations/invited"
STANDS_FOR = timedelta(days=7)
# What one organization can have mailed in a day; nobody has looked at those that are not approved.
MAILS_A_DAY = {Organization.Status.REGISTERED: 10, Organization.Status.APPROVED: 60}
# What one address gets in a day, however many organizations invite it.
MAILS_TO_ONE = 3
_MAX_LENGTH = 100


class InvitationEnded(Conflict):
    code = "invitation_ended"


class WrongPerson(NotAllowed):
    code = "invitation_for_another"


@transaction.atomic
def invite(
    organization: Organization, *, by: Actor, email: str, roles: Collection[Role]
) -> Invitation:
    """Mail somebody a link that makes them a member.

    Whether the address has an account, or others invited it today, changes nothing that is seen.
    """
    require(by, Permission.MANAGE_MEMBERS, organization_id=organization.pk)
    if not roles or not INVITED_ROLES.issuperset(roles):
        raise Malformed("Choose at least one role.", code="roles_missing")
    organization = _with_room(organization)
    if organization.memberships.filter(user__email__iexact=email).exists():
        raise _about_the_address(f"{email} belongs to {organization} already.", "member_already")
    now = timezone.now()
    sent = organization.invitations.filter(email__iexact=email, status=Invitation.Status.SENT)
    if sent.open(at=now).exists():
        raise _about_the_address(f"{email} is invited already.", "invited_already")
    sent.update(status=Invitation.Status.REVOKED, ended_at=now)
    raw = new_secret(PREFIX)
    invitation = Invitation.objects.create(
        organization=organization,
        email=email.lower(),
        roles=sorted(roles),
        digest=digest(raw),
        invited_by_id=by.person_id,
        invited_at=now,
        expires_at=now + STANDS_FOR,
    )
    _mail(invitation, raw, by=by)
    _record(OrganizationEvent.INVITED, invitation, by=by)
    return invitation


@transaction.atomic
def invite_again(invitation: Invitation, *, by: Actor) -> None:
    """Mail a new link, for another week; the old one opens nothing any more."""
    require(by, Permission.MANAGE_MEMBERS, organization_id=invitation.organization_id)
    invitation.organization = _with_room(invitation.organization)
    raw = new_secret(PREFIX)
    renewed = {"digest": digest(raw), "expires_at": timezone.now() + STANDS_FOR}
    if not Invitation.objects.filter(pk=invitation.pk, status="sent").update(**renewed):
        raise InvitationEnded("This invitation was answered or taken back.")
    _mail(invitation, raw, by=by)
    _record(OrganizationEvent.INVITED_AGAIN, invitation, by=by)


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: Actor) -> None:
    require(by, Permission.MANAGE_MEMBERS, organization_id=invitation.organization_id)
    invitation.move_to(Invitation.Status.REVOKED, ended_at=timezone.now())
    _record(OrganizationEvent.INVITATION_REVOKED, invitation, by=by)


@transaction.atomic
def accept_invitation(invitation: Invitation, user: User, *, by: Actor) -> Membership:
    """Become a member, with the roles that the invitation names."""
    organization = Organization.objects.select_for_update().get(pk=invitation.organization_id)
    _require_own(invitation, user, by=by)
    if not invitation.is_open(at=timezone.now()) or organization.status == "closed":
        raise InvitationEnded("This invitation has ended. Ask for a new one.")
    require_free(user)
    invitation.move_to(Invitation.Status.ACCEPTED, ended_at=timezone.now())
    membership = add_member(organization, user, set(map(Role, invitation.roles)))
    _record(OrganizationEvent.INVITATION_ACCEPTED, invitation, by=by, person_id=user.pk)
    return membership


@transaction.atomic
def decline_invitation(invitation: Invitation, user: User, *, by: Actor) -> None:
    _require_own(invitation, user, by=by)
    invitation.move_to(Invitation.Status.DECLINED, ended_at=timezone.now())
    _record(OrganizationEvent.INVITATION_DECLINED, invitation, by=by, person_id=user.pk)


def find_invitation(raw: str) -> Invitation | None:
    """Return the invitation that the link is of, ended ones too."""
    if len(raw) > _MAX_LENGTH or not raw.isascii():
        return None
    known = Invitation.objects.filter(digest=digest(raw))
    return known.select_related("organization", "invited_by").first()


@transaction.atomic
def forget_old_invitations() -> int:
    """Delete what ended or lapsed a month ago: the log keeps that it happened, not to whom."""
    old = Invitation.objects.filter(expires_at__lt=Now() - timedelta(days=30))
    return old.delete()[0]


def _with_room(organization: Organization) -> Organization:
    """Lock the organization, so that two requests cannot both find room for the last mail."""
    locked = Organization.objects.select_for_update().get(pk=organization.pk)
    cap = MAILS_A_DAY.get(Organization.Status(locked.status))
    if cap is None:
        raise Conflict(f"{locked} is {locked.status}.", code="organization_not_open")
    today = Event.objects.of_organizations([locked.pk]).filter(
        kind__in=[OrganizationEvent.INVITED, OrganizationEvent.INVITED_AGAIN],
        recorded_at__gte=Now() - timedelta(days=1),
    )
    if today.count() >= cap:
        raise TooMany(f"{locked} sent {cap} invitations in a day. Send more tomorrow.")
    return locked


def _require_own(invitation: Invitation, user: User, *, by: Actor) -> None:
    if by.person_id != user.pk or not invitation.is_for(user):
        raise WrongPerson("This invitation is for another email address than yours.")


def _mail(invitation: Invitation, raw: str, *, by: Actor) -> None:
    if not has_room(invitation.email, kind=MAIL, daily_cap=MAILS_TO_ONE):
        return
    now = timezone.now()
    notify(
        User.objects.get(pk=by.person_id or 0),
        key=f"invitation:{invitation.pk}:{now.timestamp()}",
        template=MAIL,
        context={
            "organization": invitation.organization.name,
            "inviter": by.name,
            "until": f"{now + STANDS_FOR:%-d %B %Y, %H:%M} UTC",
        },
        link=f"/invitations/{raw}/",
        address=invitation.email,
        is_sensitive=True,
    )


def _about_the_address(message: str, code: str) -> Conflict:
    return Conflict(message, code=code, errors={"email": [message]})


def _record(
    kind: OrganizationEvent, invitation: Invitation, *, by: Actor, person_id: int | None = None
) -> None:
    record(
        kind,
        invitation,
        by=by,
        organization_id=invitation.organization_id,
        person_id=person_id,
        roles=invitation.roles,
    )
