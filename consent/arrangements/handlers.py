from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from consent.arrangements import wording
from consent.arrangements.events import ArrangementEvent
from consent.arrangements.models import Arrangement, Item, Receipt
from consent.arrangements.pseudonyms import pseudonym_of
from partners.organizations.people import people_of
from portal.access.actors import Role
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify

REPLACED = "replaced"
ENDINGS = (ArrangementEvent.WITHDRAWN, ArrangementEvent.REVOKED, ArrangementEvent.EXPIRED)


@on("consent.arrangement.*")
def tell_the_customer(event: Event) -> None:
    """Confirm every change to the person whose data it is; what a thing reveals is never mailed."""
    if event.facts["reason"] == REPLACED:
        return  # What took its place is confirmed by itself.
    arrangement = _arrangement_of(event)
    user, application = arrangement.customer.user, arrangement.client.application
    version = int(event.facts["version"])
    labels = _labels(arrangement, version)
    receipt = Receipt.objects.get(
        version__arrangement=arrangement,
        version__number=version,
        event_kind=event.kind,
    )
    zone = user.time_zone
    notify(
        user,
        key=f"{event.public_id}:{user.pk}",
        template=f"arrangements/{event.kind.rpartition('.')[2]}",
        context={
            "application": application.name,
            "by_whom": wording.by_whom(application),
            "labels": ", ".join(labels) or wording.NO_DATA,
            "left_out": ", ".join(
                label for label in _labels(arrangement, version - 1) if label not in labels
            ),
            "happened_at": wording.moment(receipt.created_at, zone),
            "ends_at": wording.moment(receipt.version.ends_at, zone),
            "delete_by": wording.moment(wording.delete_by(receipt.created_at), zone),
            "ending": wording.ending(str(event.facts["reason"])),
            "by_app": wording.is_of_the_app(str(event.facts["reason"])),
            "receipt": receipt.number,
        },
        link=reverse("arrangements:arrangement", args=[application.slug]),
    )


@on(*ENDINGS)
def tell_the_partner(event: Event) -> None:
    """Say which pseudonym has ended and by when to delete; not who it is, nor why."""
    if event.facts["reason"] == REPLACED:
        return  # The same customer shares on, in the same words or others.
    arrangement = _arrangement_of(event)
    application = arrangement.client.application
    subject = pseudonym_of(arrangement.customer, application)
    delete_by = wording.delete_by(arrangement.ended_at or arrangement.ends_at)
    people = people_of(application.organization_id, Role.OWNER, Role.SECURITY_CONTACT)
    for user in people.distinct():
        notify(
            user,
            key=f"{event.public_id}:{user.pk}:partner",
            template="arrangements-partner/ended",
            context={
                "application": application.name,
                "subject_id": str(subject),
                "delete_by": wording.moment(delete_by, "UTC"),
            },
            link=f"/apps/{application.slug}/",
        )


def _labels(arrangement: Arrangement, version: int) -> list[str]:
    items = Item.objects.filter(version__arrangement=arrangement, version__number=version)
    return list(items.order_by("pk").values_list("cluster__label", flat=True))


def _arrangement_of(event: Event) -> Arrangement:
    found = Arrangement.objects.select_related(
        "client__application__organization", "customer__user"
    )
    return found.get(pk=UUID(event.subject.rpartition(":")[2]))
