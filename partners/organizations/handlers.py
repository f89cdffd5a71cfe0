from __future__ import annotations

from partners.organizations.events import OrganizationEvent
from partners.organizations.models import Organization
from partners.organizations.people import people_of
from portal.access.actors import Role
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify

TEMPLATES = {
    OrganizationEvent.APPROVED: "organizations/approved",
    OrganizationEvent.SUSPENDED: "organizations/suspended",
    OrganizationEvent.REINSTATED: "organizations/reinstated",
}


@on(*TEMPLATES)
def tell_the_organization(event: Event) -> None:
    organization = Organization.objects.get(pk=event.organization_id or 0)
    for person in people_of(organization.pk, Role.OWNER, Role.SECURITY_CONTACT):
        notify(
            person,
            key=f"{event.public_id}:{person.pk}",
            template=TEMPLATES[OrganizationEvent(event.kind)],
            context={
                "organization": organization.name,
                "reason": str(event.facts.get("reason", "")),
            },
            link="/apps/",
        )
