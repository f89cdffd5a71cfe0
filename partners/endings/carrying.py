"""How an ending is carried out: by one worker at a time, from where the last one stopped.

A portion is one transaction. It begins by holding the ending's row, as long as nobody has claimed
it since: a worker that was thought dead and comes back finds another epoch there and writes
nothing. A crash loses the portion that was not committed, and nothing else.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from partners.endings import steps
from partners.endings.actions import DATA_RETURN_WITHIN
from partners.endings.events import EndingEvent
from partners.endings.models import Ending, EndingStep
from partners.endings.steps import ORDER, Step
from partners.organizations.models import Organization
from portal.access.actors import SYSTEM
from portal.errors import Conflict
from portal.events.log import record

# Longer than any portion can take.
LEASE = timedelta(seconds=60)
_logger = logging.getLogger(__name__)


class Overtaken(Conflict):
    """Another worker has this ending now."""

    code = "ending_overtaken"


class StillAlive(Conflict):
    """A step ended nothing more, and something of it lives."""

    code = "still_alive"


def carry_on_endings() -> int:
    """Carry on every ending that nobody works on; return how many came to their end."""
    ended = 0
    while (ending := claim()) is not None:
        try:
            ended += carry_on(ending)
        except Exception:  # One partner's end must not stop another's.
            # Its lease runs out in a minute, and then it is tried again.
            _logger.exception("ending_stopped", extra={"pk": ending.pk})
    return ended


@transaction.atomic
def claim() -> Ending | None:
    """Take an ending for a while, and leave whoever had it before behind."""
    now = timezone.now()
    due = Ending.objects.due(at=now).select_for_update(skip_locked=True, of=("self",))
    ending = due.select_related("organization").first()
    if ending is not None:
        ending.epoch += 1
        ending.leased_until = now + LEASE
        ending.save(update_fields=["epoch", "leased_until"])
    return ending


def carry_on(ending: Ending) -> bool:
    """Take every step that is not done, then look once more at all of them."""
    for code in _open_steps(ending):
        step = Step(code)
        if step != Step.PROBE:
            _end_all(ending, step)
            conclude(ending, step)
    for step in ORDER:  # What slipped in while the first look was taken.
        _end_all(ending, step)
    return finish(ending)


def _open_steps(ending: Ending) -> list[str]:
    undone = ending.steps.filter(done_at=None).order_by("position")
    return list(undone.values_list("code", flat=True))


def _end_all(ending: Ending, step: Step) -> None:
    while _end_some(ending, step):
        pass


@transaction.atomic
def _end_some(ending: Ending, step: Step) -> int:
    organization = _hold(ending)
    count = steps.end_some(step, organization)
    if count:
        ending.steps.filter(code=step).update(count=F("count") + count)
    return count


@transaction.atomic
def conclude(ending: Ending, step: Step) -> None:
    """Write down that nothing of the step is left."""
    organization = _hold(ending)
    if left := steps.count_left(step, organization):
        raise StillAlive(f"{left} of “{step.label}” live on.")
    row = EndingStep.objects.get(ending=ending, code=step)
    row.done_at = timezone.now()
    row.save(update_fields=["done_at"])
    record(
        EndingEvent.STEP_DONE,
        ending,
        by=SYSTEM,
        organization_id=organization.pk,
        step=step.value,
        count=row.count,
    )


@transaction.atomic
def finish(ending: Ending) -> bool:
    """Count what lives, step by step, and end only where that is nothing."""
    organization = _hold(ending)
    found = {step: steps.count_left(step, organization) for step in ORDER}
    if alive := {step.value: left for step, left in found.items() if left}:
        raise StillAlive(f"The last look found {alive}.")
    now = timezone.now()
    ending.steps.update(left=0)
    ending.steps.filter(code=Step.PROBE).update(done_at=now)
    ending.move_to(Ending.Status.ENDED, ended_at=now, leased_until=None)
    record(EndingEvent.ENDED, ending, by=SYSTEM, organization_id=organization.pk)
    return True


def _hold(ending: Ending) -> Organization:
    """Hold the ending to the end of the transaction, and keep the claim on it."""
    held = Ending.objects.held(ending).select_for_update(of=("self",))
    row = held.select_related("organization").first()
    if row is None:
        raise Overtaken("Another worker has this ending now.")
    Ending.objects.filter(pk=row.pk).update(leased_until=timezone.now() + LEASE)
    return row.organization


def ask_for_the_data(organization: Organization) -> int:
    """Start the time in which the partner says what became of the data."""
    asked = Ending.objects.filter(organization=organization, data_due_at=None)
    return asked.update(data_due_at=timezone.now() + DATA_RETURN_WITHIN)
