from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from partners.questionnaires.models import Assignment
from partners.remarks.events import RemarkEvent
from partners.remarks.models import Remark, Thread
from portal.access.actors import Actor
from portal.access.permissions import Permission, allows, require
from portal.accounts.models import User
from portal.errors import Conflict, NotFound
from portal.events.log import record


class Unsettled(Conflict):
    """Answers are not approved while the partner and we still talk about one of them."""

    code = "thread_open"


@transaction.atomic
def write_remark(
    assignment: Assignment,
    *,
    by: Actor,
    key: str,
    text: str,
    audience: Thread.Audience = Thread.Audience.PARTNER,
) -> Remark:
    """Say something about an answer; whoever it is said to has the next word."""
    owner = assignment.organization_id
    is_of_staff = allows(by, Permission.REVIEW) and owner not in by.memberships
    if not is_of_staff:
        require(by, Permission.ANSWER_QUESTIONNAIRE, organization_id=owner)
    if key not in assignment.version.content.by_key:
        raise NotFound("There is no such question.")
    if audience == Thread.Audience.INTERNAL and not is_of_staff:
        raise NotFound("There is no such conversation.")
    now = timezone.now()
    thread, _ = Thread.objects.get_or_create(assignment=assignment, key=key, audience=audience)
    thread = Thread.objects.select_for_update().get(pk=thread.pk)
    status = Thread.Status.OPEN if is_of_staff else Thread.Status.ANSWERED
    if thread.status != status:
        thread.move_to(status, changed_at=now)
    remark = Remark.objects.create(
        thread=thread,
        author=User.objects.get(pk=by.person_id or 0),
        is_of_staff=is_of_staff,
        text=text.strip(),
        written_at=now,
    )
    _record(RemarkEvent.WRITTEN, thread, by=by, remark_id=remark.pk, is_of_staff=is_of_staff)
    return remark


@transaction.atomic
def resolve_thread(thread: Thread, *, by: Actor) -> None:
    """Say that nothing more is wanted; a new remark opens it again."""
    require(by, Permission.REVIEW)
    thread.move_to(Thread.Status.RESOLVED, changed_at=timezone.now())
    _record(RemarkEvent.RESOLVED, thread, by=by)


def require_settled(assignment: Assignment) -> None:
    """Refuse while a conversation with the partner about one of the answers is open."""
    talk = Thread.objects.filter(assignment=assignment, audience=Thread.Audience.PARTNER)
    if count := talk.unresolved().count():
        what = "one question" if count == 1 else f"{count} questions"
        raise Unsettled(f"You and the partner still talk about {what}. Settle that first.")


def _record(kind: RemarkEvent, thread: Thread, *, by: Actor, **facts: int) -> None:
    record(
        kind,
        thread,
        by=by,
        organization_id=thread.assignment.organization_id,
        audience=thread.audience,
        key=thread.key,
        **facts,
    )
