from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from partners.organizations.people import people_of
from partners.questionnaires.models import RENEWED_BEFORE, Assignment
from portal.access.actors import Role
from portal.notifications.actions import notify
from portal.reminding import key_of, mark_due

MARKS = (60, 30, 7, 1, 0)


def remind_of_renewals() -> int:
    """Tell owners and security contacts of answers that end, until a renewal was sent.

    Return how many are ending; nobody is told the same thing twice.
    """
    now = timezone.now()
    told = 0
    ending = Assignment.objects.ending_before(now + RENEWED_BEFORE).select_related(
        "organization", "version__template", "renewal"
    )
    for assignment in ending.order_by("pk"):
        until = assignment.valid_until
        renewal = getattr(assignment, "renewal", None)
        mark = mark_due(until, at=now, marks=MARKS) if until else None
        if mark is None or until is None or (renewal and not renewal.is_answerable):
            continue
        for person in people_of(assignment.organization_id, Role.OWNER, Role.SECURITY_CONTACT):
            notify(
                person,
                key=key_of(f"renewal:{assignment.pk}", until, mark, person.pk),
                template="renewals/due",
                context={
                    "title": str(assignment.version.template),
                    "organization": assignment.organization.name,
                    "until": f"{until:%-d %B %Y, %H:%M} UTC",
                    "is_over": mark.days == 0,
                    "is_late": mark.is_late,
                },
                link=reverse("questionnaires:home"),
            )
        told += 1
    return told
