"""How a child asks: once for each application, in words that no longer change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.arrangements.models import Customer
from consent.arrangements.terms import clusters_of
from consent.guardians.family import DecidesAlone, hold_child
from consent.minors.events import ApprovalEvent
from consent.minors.models import Approval
from consent.minors.questions import contents, is_minor, kept_from, opened, profiling
from partners.applications.models import Client
from partners.subscriptions.access import Use
from portal.access.actors import SYSTEM, Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Refused
from portal.events.log import Fact, record

Status = Approval.Status
LIFETIME = timedelta(days=14)
# A question that was refused is not put again before (EDPB 03/2022: no continuous prompting).
QUIET = timedelta(days=30)


# What the application that asked is told, too.
TOLD = frozenset(
    {
        ApprovalEvent.REQUESTED,
        ApprovalEvent.APPROVED,
        ApprovalEvent.REFUSED,
        ApprovalEvent.LAPSED,
    }
)


class RefusedLately(Conflict):
    code = "refused_lately"


class NotForChildren(Refused):
    """The application cannot work without what no child shares, such as a picture of themselves."""

    code = "not_for_children"


@transaction.atomic
def ask_guardian(
    customer: Customer,
    client: Client,
    *,
    by: Actor,
    uses: Sequence[Use],
    details: Sequence[dict[str, Any]] = (),
    signs_in: bool = False,
) -> Approval:
    """Put a question to whoever decides with the child; the same question again is the same."""
    require(by, Permission.GIVE_CONSENT, person_id=customer.user_id)
    customer = hold_child(customer.user)
    now = timezone.now()
    if not is_minor(customer.user, at=now):
        raise DecidesAlone(_("You are old enough to decide this alone."))
    blocked = profiling(uses) | kept_from(customer.user, opened(uses, clusters_of(uses)), at=now)
    if any(use.is_required and use.scope in blocked for use in uses):
        raise NotForChildren(_("This app cannot work without what nobody of your age may share."))
    wanted = [use for use in uses if use.cluster_code and use.scope not in blocked]
    scopes = {use.scope for use in wanted}
    question = {
        "asked": contents(wanted, clusters_of(wanted)),
        "details": [detail for detail in details if detail["scope"] in scopes],
        "signs_in": signs_in,
    }
    mine = Approval.objects.filter(child=customer.user, client=client)
    for waiting in mine.filter(status=Status.WAITING):
        if waiting.lapses_at > now and all(
            getattr(waiting, name) == value for name, value in question.items()
        ):
            return waiting
        waiting.move_to(Status.ENDED, ended_at=now)
    refused = mine.filter(status=Status.REFUSED, decided_at__gt=now - QUIET)
    if refused.filter(**question).exists():
        raise RefusedLately(_("Your parent or guardian said no to this. Talk to them."))
    approval = Approval.objects.create(
        child=customer.user, client=client, asked_at=now, lapses_at=now + LIFETIME, **question
    )
    note(ApprovalEvent.REQUESTED, approval, by=by, scopes=sorted(scopes))
    return approval


def let_questions_lapse() -> int:
    """Write down which questions nobody answered; they could not be answered any more before."""
    now = timezone.now()
    lapsed = list(Approval.objects.lapsed(at=now).select_related("client__application"))
    for approval in lapsed:
        with transaction.atomic():
            try:
                approval.move_to(Status.LAPSED, ended_at=now)
            except Conflict:
                continue  # Another question took its place.
            note(ApprovalEvent.LAPSED, approval, by=SYSTEM)
    return len(lapsed)


def end_approvals(approvals: Sequence[Approval], *, by: Actor, at: datetime) -> None:
    """End what was allowed or asked; the child is held. What runs on it is for the caller."""
    for approval in approvals:
        approval.move_to(Status.ENDED, ended_at=at)
        note(ApprovalEvent.ENDED, approval, by=by)


def note(kind: ApprovalEvent, approval: Approval, *, by: Actor, **facts: Fact) -> None:
    """Record it as the child's news.

    The application hears of its question and of the answer, by the question's own id: not whose
    guardian it was, nor what else happens in a family.
    """
    application = approval.client.application
    record(
        kind,
        approval,
        by=by,
        organization_id=application.organization_id if kind in TOLD else None,
        person_id=approval.child_id,
        client_id=approval.client.client_id,
        application=application.slug,
        approval=str(approval.pk),
        **facts,
    )
