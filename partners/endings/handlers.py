from __future__ import annotations

from partners.endings.events import EndingEvent
from partners.endings.models import Ending
from partners.endings.reminding import ATTESTORS
from partners.organizations.people import people_of
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify


@on(EndingEvent.BEGUN)
def tell_the_partner(event: Event) -> None:
    """Say that it has ended, why, and what is still to be done."""
    ending = _ending_of(event)
    for person in people_of(ending.organization_id, *ATTESTORS).distinct():
        notify(
            person,
            key=f"{event.public_id}:{person.pk}",
            template="endings/begun",
            context={"organization": ending.organization.name, "reason": ending.reason},
            link=ending.get_absolute_url(),
        )


@on(EndingEvent.ENDED, EndingEvent.ATTESTED)
def tell_who_ended_it(event: Event) -> None:
    ending = _ending_of(event)
    notify(
        ending.begun_by,
        key=f"{event.public_id}:{ending.begun_by_id}",
        template="endings/done",
        context={
            "organization": ending.organization.name,
            "is_attested": event.kind == EndingEvent.ATTESTED,
            "data_is": ending.get_data_is_display(),
        },
        link=f"/console/partners/{ending.organization.slug}/ending/",
    )


def _ending_of(event: Event) -> Ending:
    endings = Ending.objects.select_related("organization", "begun_by")
    return endings.get(pk=event.subject.rpartition(":")[2])
