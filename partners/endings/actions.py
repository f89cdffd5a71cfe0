from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from partners.endings.events import EndingEvent
from partners.endings.models import Ending, EndingStep
from partners.endings.steps import ORDER, Step
from partners.organizations.ending import close_organization
from partners.organizations.models import Organization
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, NotAllowed
from portal.events.hints import hint
from portal.events.log import record

DATA_RETURN_WITHIN = timedelta(days=30)


@transaction.atomic
def end_relationship(organization: Organization, *, by: Actor, reason: str) -> Ending:
    """Stop everything of the partner's at this commit, and have the rest carried out step by step.

    Calls, tokens and pages are refused by comparison with the organization's state: nothing of that
    waits for the steps. What was ended is never brought back; a partner that returns joins anew.
    """
    require(by, Permission.END_RELATIONSHIP)
    if organization.pk in by.memberships:
        raise NotAllowed("You belong to this organization, so somebody else must end it.")
    now = timezone.now()
    close_organization(organization, by=by, reason=reason, at=now)
    ending = Ending.objects.create(
        organization=organization,
        reason=reason,
        begun_by=User.objects.get(pk=by.person_id or 0),
        begun_at=now,
    )
    EndingStep.objects.bulk_create(
        EndingStep(ending=ending, code=step, position=place, count=int(step == Step.STOP))
        for place, step in enumerate(ORDER, 1)
    )
    record(EndingEvent.BEGUN, ending, by=by, organization_id=organization.pk)
    transaction.on_commit(lambda: hint("partners.endings.tasks.carry_on_endings"))
    return ending


@transaction.atomic
def attest_data(ending: Ending, *, by: Actor, data_is: str, note: str = "") -> Ending:
    """Take the partner's word for what became of the data; it is given once and kept."""
    require(by, Permission.ATTEST_RETURN, organization_id=ending.organization_id)
    ending = Ending.objects.select_for_update().get(pk=ending.pk)
    if ending.attested_at is not None:
        raise Conflict("Somebody of yours has confirmed this already.", code="already_attested")
    if ending.data_due_at is None:
        raise Conflict("We are still closing your access. Please come back in a minute.")
    ending.data_is, ending.data_note = Ending.DataIs(data_is), note
    ending.attested_at, ending.attested_by_id = timezone.now(), by.person_id
    ending.save(update_fields=["data_is", "data_note", "attested_at", "attested_by"])
    record(
        EndingEvent.ATTESTED,
        ending,
        by=by,
        organization_id=ending.organization_id,
        data_is=ending.data_is,
    )
    return ending
