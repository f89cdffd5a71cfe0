"""Partners are reminded of accesses that end, and of what they owe for them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from partners.organizations.people import people_of
from partners.subscriptions.models import Condition, Subscription
from portal.access.actors import Role
from portal.events.models import subject_of
from portal.notifications.actions import notify
from portal.reminding import key_of, mark_due

MARKS = (30, 7, 1, 0)
# What ended or broke earlier was told when it did.
STALE = timedelta(days=30)


def remind_of_access() -> int:
    now, told = timezone.now(), 0
    near = (now - STALE, now + timedelta(days=max(MARKS)))
    ending = Subscription.objects.ended_by_the_clock_or_live().filter(ends_at__range=near)
    for one in ending.select_related("client__application", "plan__api").order_by("pk"):
        told += _remind(one, one, template="subscriptions/ending", what=str(one.plan.api))
    owed = Condition.objects.owed().filter(
        due_at__range=near, subscription__in=Subscription.objects.live()
    )
    for condition in owed.select_related(
        "subscription__client__application", "subscription__plan__api"
    ).order_by("pk"):
        what = condition.get_kind_display()
        told += _remind(
            condition, condition.subscription, template="subscriptions/condition_due", what=what
        )
    return told


def _remind(
    about: Subscription | Condition, subscription: Subscription, *, template: str, what: str
) -> int:
    """Tell the people who can do something about it; return how many these are."""
    due_at = about.ends_at if isinstance(about, Subscription) else about.due_at
    mark = mark_due(due_at, at=timezone.now(), marks=MARKS) if due_at else None
    if mark is None or due_at is None:
        return 0
    application = subscription.client.application
    people = people_of(
        application.organization_id, Role.OWNER, Role.DEVELOPER, Role.SECURITY_CONTACT
    ).distinct()
    for person in people:
        notify(
            person,
            key=key_of(subject_of(about), due_at, mark, person.pk),
            template=template,
            context={
                "application": application.name,
                "api": subscription.plan.api.name,
                "what": what,
                "due": f"{due_at:%-d %B %Y, %H:%M} UTC",
                "is_over": mark.days == 0,
                "is_late": mark.is_late,
            },
            link=subscription.get_absolute_url(),
        )
    return len(people)
