from __future__ import annotations

from uuid import UUID

from consent.arrangements.moments import moment
from consent.keys import actions as keys
from consent.oauth import actions, leaks, sign_ins
from consent.oauth.events import OAuthEvent
from partners.applications.credentials import LEAKED
from partners.applications.models import Application
from partners.organizations.people import people_of
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events.log import on
from portal.events.models import Event
from portal.events.people import account_of
from portal.notifications.actions import notify

# What happened, and what we did: the words of the message.
ALARMS = {
    OAuthEvent.CODE_REPLAYED: (
        "An authorization code was used a second time.",
        "Every token that came from it has ended.",
    ),
    OAuthEvent.CODE_HOARDED: (
        "A second authorization code was used after the customer had ended the sharing.",
        "It was refused.",
    ),
    OAuthEvent.REFRESH_REPLAYED: (
        "A refresh token was used again after its successor.",
        "Every token of its family has ended.",
    ),
    OAuthEvent.FOREIGN_IDS: (
        "Many ids that belong to other applications or customers were tried within an hour.",
        "Each was answered as one that nobody has.",
    ),
}


@on("accounts.user.signed_out")
def end_sign_ins_of_a_session(event: Event) -> None:
    """Have the clients told that this person signed out of one session."""
    session = str(event.facts.get("session", ""))
    account_id = account_of(event.person_id)
    if account_id is not None and session:
        sign_ins.end(account_id, before=event.recorded_at, session=session)


@on("accounts.password.changed", "accounts.user.closed")
def end_all_sign_ins(event: Event) -> None:
    """Have the clients told that whoever signed in before this may be somebody else."""
    account_id = account_of(event.person_id)
    if account_id is not None:
        sign_ins.end(account_id, before=event.recorded_at)


@on("partners.client.sign_in_changed")
def make_its_keys(event: Event) -> None:
    """Publish a key of the algorithm that a client chose before its first id token needs it."""
    keys.ensure(str(event.facts["algorithm"]))


@on(*ALARMS)
def raise_the_alarm(event: Event) -> None:
    """Tell the partner and our security people that something which works once came back.

    One message an hour for each client and kind: a broken program repeats itself.
    """
    application = Application.objects.select_related("organization").get(
        slug=event.facts["application"]
    )
    organization_id = application.organization_id
    partner = people_of(organization_id, Role.OWNER, Role.SECURITY_CONTACT)
    staff = User.objects.filter(is_active=True, staff_roles__role=Role.SECURITY)
    what, done = ALARMS[OAuthEvent(event.kind)]
    hour = f"{event.recorded_at:%Y-%m-%dT%H}"
    about = f"{event.kind}:{event.facts['client_id']}:{hour}"
    for people, template, link in (
        (partner, "oauth/alarm", application.get_absolute_url()),
        (staff, "oauth-staff/alarm", f"/console/audit/?subject={event.subject}"),
    ):
        for person in people.distinct():
            notify(
                person,
                key=f"{about}:{person.pk}:{template}",
                template=template,
                context={
                    "application": application.name,
                    "organization": application.organization.name,
                    "what": what,
                    "done": done,
                    "client_id": str(event.facts["client_id"]),
                    "at": moment(event.recorded_at, "UTC", seconds=True),
                },
                link=link,
            )


@on("partners.credential.revoked")
def end_tokens_of_a_leaked_secret(event: Event) -> None:
    """End what somebody else may have got with a secret; what came later used another one."""
    if event.facts["reason"] == LEAKED:
        leaks.end_tokens(str(event.facts["client_id"]), before=event.recorded_at)


@on(
    "consent.arrangement.withdrawn",
    "consent.arrangement.revoked",
    "consent.arrangement.expired",
    "consent.arrangement.invalidated",
)
def sweep_what_ended(event: Event) -> None:
    """Clear away codes and tokens that the arrangement's epoch already refuses."""
    actions.sweep(UUID(event.subject.partition(":")[2]))
