"""Former partners are reminded of the data that they still have to delete or return."""

from __future__ import annotations

from django.utils import timezone

from partners.endings.models import Ending
from partners.organizations.people import people_of
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events.models import subject_of
from portal.notifications.actions import notify
from portal.reminding import key_of, mark_due

MARKS = (7, 1, 0)
ATTESTORS = (Role.OWNER, Role.SECURITY_CONTACT, Role.SIGNER)


def remind_of_data() -> int:
    """Remind of every return that is near or late, and our security people of late ones."""
    now, told = timezone.now(), 0
    for ending in Ending.objects.unattested().select_related("organization").order_by("pk"):
        due_at = ending.data_due_at
        mark = mark_due(due_at, at=now, marks=MARKS) if due_at else None
        if mark is None or due_at is None:
            continue
        people = list(people_of(ending.organization_id, *ATTESTORS).distinct())
        if mark.days == 0:
            officers = User.objects.filter(is_active=True, staff_roles__role=Role.SECURITY)
            people += list(officers.order_by("pk"))
        for person in people:
            notify(
                person,
                key=key_of(subject_of(ending), due_at, mark, person.pk),
                template="endings/data_due",
                context={
                    "organization": ending.organization.name,
                    "due": f"{due_at:%-d %B %Y, %H:%M} UTC",
                    "is_over": mark.days == 0,
                    "is_late": mark.is_late,
                },
                link=ending.get_absolute_url(),
            )
            told += 1
    return told
