from __future__ import annotations

from catalog.impact.events import ImpactEvent
from catalog.impact.models import Assessment
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify

DECIDED = (ImpactEvent.RETURNED, ImpactEvent.APPROVED, ImpactEvent.REFUSED)


@on(ImpactEvent.SUBMITTED)
def tell_officers(event: Event) -> None:
    """Tell the privacy officers what waits for their opinion, but not who wrote it."""
    assessment = _assessment_of(event)
    if assessment.status != Assessment.Status.SUBMITTED:
        return
    officers = User.objects.filter(is_active=True, staff_roles__role=Role.PRIVACY)
    for officer in officers.exclude(pk=assessment.author_id or 0).distinct():
        _tell(officer, event, assessment, template="impact/submitted")


@on(*DECIDED)
def tell_author(event: Event) -> None:
    assessment = _assessment_of(event)
    if assessment.author is not None and assessment.author.is_active:
        _tell(assessment.author, event, assessment, template=f"impact/{event.kind.split('.')[-1]}")


def _tell(person: User, event: Event, assessment: Assessment, *, template: str) -> None:
    notify(
        person,
        key=f"{event.public_id}:{person.pk}",
        template=template,
        context={"version": str(assessment.version), "number": assessment.number},
        link=assessment.get_absolute_url(),
    )


def _assessment_of(event: Event) -> Assessment:
    return Assessment.objects.select_related("version__api", "author").get(
        pk=int(event.subject.rpartition(":")[2])
    )
