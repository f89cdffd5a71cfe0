from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils import translation

from consent.rights import wording
from consent.rights.events import DataEvent, RequestEvent
from consent.rights.models import DataRequest, Restriction, Task
from consent.rights.recipients import OVERDUE, UNACKNOWLEDGED
from partners.organizations.people import people_of
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify

TOLD = (
    RequestEvent.RECEIVED,
    RequestEvent.EXTENDED,
    RequestEvent.COMPLETED,
    RequestEvent.REFUSED,
    RequestEvent.LIFTING,
    RequestEvent.LIFTED,
)
LATE = (*OVERDUE.values(), *UNACKNOWLEDGED.values())


@on(*TOLD)
def tell_the_person(event: Event) -> None:
    """Say what became of a request; what it is about is read on the page, not in a mail."""
    request = DataRequest.objects.select_related("person").get(pk=_key(event))
    person = request.person
    if event.kind == RequestEvent.COMPLETED and request.erased_at is not None:
        return  # Nobody is left to be told; the certificate went before.
    if event.kind == RequestEvent.RECEIVED and request.kind == DataRequest.Kind.RESTRICTION:
        return  # It is in force already, and the next mail says so.
    restriction = Restriction.objects.filter(request=request).first()
    zone = person.time_zone
    lifts_at = restriction.lifts_at if restriction else None
    with translation.override(person.language):
        context: dict[str, str | int] = {
            "number": request.number,
            "what": str(request.get_kind_display()),
            "kind": request.kind,
            "received_at": wording.moment(request.received_at, zone),
            "due_at": wording.day(request.due_at, zone),
            "lifts_at": wording.moment(lifts_at, zone) if lifts_at else "",
        }
    notify(
        person,
        key=f"{event.public_id}:{person.pk}",
        template=f"rights/{event.kind.rpartition('.')[2]}",
        context=context,
        link=request.get_absolute_url() if person.is_active else "",
    )


@on("data.*")
def tell_the_recipient(event: Event) -> None:
    """Tell who answers for the application what is asked of it; not who it is, nor why."""
    kind = DataEvent(event.kind)
    if kind.value.endswith("_confirmed"):
        return
    task = Task.objects.select_related("application").get(pk=_key(event))
    people = people_of(task.application.organization_id, Role.OWNER, Role.SECURITY_CONTACT)
    for person in people.distinct():
        notify(
            person,
            key=f"{event.public_id}:{person.pk}",
            template=f"rights-partner/{_template(kind)}",
            context={
                "application": task.application.name,
                "subject_id": str(task.subject),
                "action": task.action,
                "what": ", ".join(wording.labels_of(task.cluster_codes)),
                "due_at": wording.moment(_due(event), "UTC"),
            },
            link=reverse("rights:tasks"),
        )


@on(*LATE)
def tell_the_officers(event: Event) -> None:
    """Put before the privacy officer that a recipient is silent or late."""
    task = Task.objects.select_related("application__organization").get(pk=_key(event))
    officers = User.objects.filter(staff_roles__role=Role.PRIVACY, is_active=True)
    for officer in officers.distinct():
        notify(
            officer,
            key=f"{event.public_id}:{officer.pk}:officer",
            template="rights-staff/recipient_late",
            context={
                "application": task.application.name,
                "organization": task.application.organization.name,
                "is_silent": event.kind in UNACKNOWLEDGED.values(),
                "due_at": wording.moment(_due(event), officer.time_zone),
            },
            link=reverse("rights:console"),
        )


def _template(kind: DataEvent) -> str:
    if kind is DataEvent.RESTRICTION_LIFTED:
        return "lifted"
    return "late" if kind in LATE else "asked"


def _due(event: Event) -> datetime:
    return datetime.fromisoformat(str(event.facts["due_at"]))


def _key(event: Event) -> int:
    return int(event.subject.rpartition(":")[2])
