from __future__ import annotations

from typing import cast

from partners.applications.events import ApplicationEvent
from partners.applications.models import Application, Credential
from partners.organizations.people import people_of
from portal.access.actors import Role
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify

_WAYS = {
    "jwks": "a set of public keys",
    "jwks_uri": "the keys that it publishes at an address",
    "certificate": "a certificate",
}


@on(ApplicationEvent.CREDENTIAL_ISSUED)
def tell_who_guards_the_secrets(event: Event) -> None:
    """Mail the people who would know that nobody of theirs made it: a stolen session shows here."""
    credential = Credential.objects.select_related("issued_by").get(
        pk=event.subject.rpartition(":")[2]
    )
    _tell(
        event,
        Role.OWNER,
        Role.SECURITY_CONTACT,
        template="applications/credential_issued",
        part=f"{event.facts['environment']}/credentials/",
        hint=credential.hint,
        issuer=str(credential.issued_by or "the portal"),
        environment=str(event.facts["environment"]),
    )


@on(ApplicationEvent.KEYS_SET)
def tell_who_guards_the_keys(event: Event) -> None:
    """Mail who would know that nobody of theirs changed how the client proves who it is."""
    added, removed = (len(cast("list[str]", event.facts[name])) for name in ("added", "removed"))
    _tell(
        event,
        Role.OWNER,
        Role.SECURITY_CONTACT,
        template="applications/keys_set",
        part=f"{event.facts['environment']}/keys/",
        way=_WAYS[str(event.facts["way"])],
        environment=str(event.facts["environment"]),
        added=str(added),
        removed=str(removed),
    )


@on(ApplicationEvent.SUSPENDED)
def tell_that_it_was_stopped(event: Event) -> None:
    _tell(
        event,
        Role.OWNER,
        Role.DEVELOPER,
        Role.SECURITY_CONTACT,
        template="applications/suspended",
        reason=str(event.facts["reason"]),
    )


@on(ApplicationEvent.REINSTATED)
def tell_that_it_works_again(event: Event) -> None:
    _tell(event, Role.OWNER, Role.DEVELOPER, template="applications/reinstated")


def _tell(event: Event, *roles: Role, template: str, part: str = "", **context: str) -> None:
    application = Application.objects.get(slug=event.facts["application"])
    for person in people_of(application.organization_id, *roles):
        notify(
            person,
            key=f"{event.public_id}:{person.pk}",
            template=template,
            context={"application": application.name, **context},
            link=f"{application.get_absolute_url()}{part}",
        )
