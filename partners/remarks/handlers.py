from __future__ import annotations

from partners.organizations.people import people_of
from partners.remarks.events import RemarkEvent
from partners.remarks.models import Remark, Thread
from portal.access.actors import Role
from portal.accounts.models import User
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify


@on(RemarkEvent.WRITTEN)
def tell_the_other_side(event: Event) -> None:
    """Tell whoever has the next word: the partner's people, or who reviewed in this thread."""
    remark = Remark.objects.select_related("thread__assignment__version__template").get(
        pk=event.facts["remark_id"]
    )
    thread = remark.thread
    people, link = _reviewers_in(thread), f"/console{thread.get_absolute_url()}"
    if remark.is_of_staff and thread.audience == Thread.Audience.PARTNER:
        owner = thread.assignment.organization_id
        people = list(people_of(owner, Role.OWNER, Role.SECURITY_CONTACT))
        link = thread.get_absolute_url()
    for person in people:
        if person.pk != remark.author_id:
            notify(
                person,
                key=f"{event.public_id}:{person.pk}",
                template="remarks/written",
                context={"question": thread.question},
                link=link,
            )


def _reviewers_in(thread: Thread) -> list[User]:
    said = thread.remarks.filter(is_of_staff=True).values("author")
    return list(User.objects.filter(pk__in=said, is_active=True).order_by("pk"))
