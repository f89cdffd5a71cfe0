from __future__ import annotations

from partners.organizations.events import OrganizationEvent
from partners.organizations.models import Organization, OwnershipOffer
from partners.organizations.people import people_of
from partners.organizations.roles import names_of
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events import people
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


@on(OrganizationEvent.OWNERSHIP_OFFERED, OrganizationEvent.OWNERSHIP_TAKEN)
def tell_of_ownership(event: Event) -> None:
    """Tell every owner, the old one among them, and whoever it was offered to."""
    offer = OwnershipOffer.objects.select_related("organization", "offered_by", "offered_to").get(
        pk=event.subject.rpartition(":")[2]
    )
    is_taken = event.kind == OrganizationEvent.OWNERSHIP_TAKEN
    owners = people_of(offer.organization_id, Role.OWNER)
    for person in {*owners, offer.offered_by, offer.offered_to}:
        notify(
            person,
            key=f"{event.public_id}:{person.pk}",
            template=f"organizations/ownership_{'taken' if is_taken else 'offered'}",
            context={
                "organization": offer.organization.name,
                "from": str(offer.offered_by),
                "to": str(offer.offered_to),
                "steps_down": int(offer.steps_down),
                "until": f"{offer.expires_at:%-d %B %Y, %H:%M} UTC",
            },
            link="/team/",
        )


@on(OrganizationEvent.MEMBER_REMOVED, OrganizationEvent.ROLES_CHANGED)
def tell_whose_place_changed(event: Event) -> None:
    organization = Organization.objects.get(pk=event.organization_id or 0)
    person = User.objects.filter(pk=people.account_of(event.person_id or 0) or 0).first()
    if person is None:
        return
    notify(
        person,
        key=f"{event.public_id}:{person.pk}",
        template="organizations/place_changed",
        context={
            "organization": organization.name,
            "roles": ", ".join(names_of([str(role) for role in event.facts.get("roles", [])])),
        },
        link="/home/",
    )
