from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.impact.events import ImpactEvent
from catalog.impact.exposure import exposure_of
from catalog.impact.models import Assessment
from catalog.impact.questions import CODES, MAX_ANSWER, MAX_RISKS, Risk
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.errors import Conflict, Malformed, NotAllowed
from portal.events.log import record

# How long an approval counts where nothing changes.
REVIEW_AFTER = timedelta(days=365)
MIN_OPINION = 20
MAX_OPINION = 4_000


class NothingPersonal(Conflict):
    code = "impact_not_needed"


class NotComplete(Conflict):
    """What is asked has no answer yet, or no risk is named."""

    code = "impact_incomplete"


class ChangedMeanwhile(Conflict):
    """The version reveals something else than what lies before the officer."""

    code = "impact_changed_meanwhile"


@transaction.atomic
def open_assessment(version: ApiVersion, *, by: Actor) -> Assessment:
    """Begin an assessment, with the words of the last one; the open one if there is one."""
    require(by, Permission.ASSESS_IMPACT)
    ApiVersion.objects.select_for_update().get(pk=version.pk)
    known = version.assessments.open().first()
    if known is not None:
        return known
    if not exposure_of(version):
        raise NothingPersonal(f"{version} reveals nothing about a person.")
    last = version.assessments.order_by("-number").first()
    number = version.assessments.aggregate(last=Max("number"))["last"] or 0
    assessment = Assessment.objects.create(
        version=version,
        number=number + 1,
        answers=last.answers if last else {},
        risks=last.risks if last else [],
        author_id=by.person_id,
    )
    _record(ImpactEvent.OPENED, assessment, by=by)
    return assessment


@transaction.atomic
def write_assessment(
    assessment: Assessment, *, by: Actor, answers: Mapping[str, str], risks: Sequence[Risk]
) -> None:
    """Keep what is written so far; whoever wrote last is its author."""
    require(by, Permission.ASSESS_IMPACT)
    held = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if held.status not in Assessment.WRITABLE:
        raise Conflict(f"{held} is {held.get_status_display().lower()} and is not changed now.")
    if unknown := set(answers) - set(CODES):
        raise Malformed(f"Nobody asked {', '.join(sorted(unknown))}.")
    if len(risks) > MAX_RISKS or any(len(words) > MAX_ANSWER for words in answers.values()):
        raise Malformed(f"At most {MAX_RISKS} risks, and {MAX_ANSWER} characters for an answer.")
    assessment.answers = {code: answers.get(code, "").strip() for code in CODES}
    assessment.risks = [risk.as_json() for risk in risks]
    assessment.author_id = by.person_id
    assessment.save(update_fields=["answers", "risks", "author"])


@transaction.atomic
def submit_assessment(assessment: Assessment, *, by: Actor) -> None:
    """Hand it to the privacy officer, with what the version reveals at this moment."""
    require(by, Permission.ASSESS_IMPACT)
    version = ApiVersion.objects.select_for_update().get(pk=assessment.version_id)
    missing = [code for code in CODES if not assessment.answers.get(code)]
    if missing:
        raise NotComplete("Answer every question before you send it.")
    if not assessment.risks:
        raise NotComplete("Name at least one thing that could go wrong for people.")
    exposure = [one.as_json() for one in exposure_of(version)]
    assessment.move_to(Assessment.Status.SUBMITTED, exposure=exposure, submitted_at=timezone.now())
    _record(ImpactEvent.SUBMITTED, assessment, by=by, field_count=len(exposure))


@transaction.atomic
def return_assessment(assessment: Assessment, *, by: Actor, opinion: str) -> None:
    """Send it back with what has to be answered first."""
    _require_officer(assessment, by)
    assessment.move_to(Assessment.Status.RETURNED, opinion=_read(opinion), officer_id=by.person_id)
    _record(ImpactEvent.RETURNED, assessment, by=by)


@transaction.atomic
def decide_assessment(
    assessment: Assessment, *, by: Actor, opinion: str, is_approved: bool
) -> None:
    """Sign the officer's opinion together with all that it is about."""
    _require_officer(assessment, by)
    version = ApiVersion.objects.select_for_update().get(pk=assessment.version_id)
    if assessment.exposed != exposure_of(version):
        raise ChangedMeanwhile(
            f"{version} changed after this was sent. Send it back, so that it is looked at again."
        )
    assessment.refresh_from_db()
    now = timezone.now()
    signed = Assessment.Status.APPROVED if is_approved else Assessment.Status.REFUSED
    if not assessment.may_move_to(signed):
        raise Conflict(f"{assessment} is {assessment.get_status_display().lower()}.")
    decided = assessment.signed(
        status=signed.value,
        officer_id=by.person_id,
        opinion=_read(opinion),
        decided_at=now,
        review_at=now + REVIEW_AFTER,
    )
    assessment.move_to(decided.pop("status"), **decided)
    kind = ImpactEvent.APPROVED if is_approved else ImpactEvent.REFUSED
    _record(kind, assessment, by=by, sha256=assessment.sha256)


def _require_officer(assessment: Assessment, by: Actor) -> None:
    """Let the privacy officer judge what somebody else wrote."""
    require(by, Permission.JUDGE_IMPACT)
    if by.person_id is not None and by.person_id == assessment.author_id:
        raise NotAllowed("You wrote this assessment, so somebody else judges it.")


def _read(opinion: str) -> str:
    words = opinion.strip()
    if not MIN_OPINION <= len(words) <= MAX_OPINION:
        raise Malformed(f"An opinion has {MIN_OPINION} to {MAX_OPINION} characters.")
    return words


def _record(kind: ImpactEvent, assessment: Assessment, *, by: Actor, **facts: Any) -> None:
    version = assessment.version
    record(
        kind,
        assessment,
        by=by,
        api=version.api.slug,
        label=version.label,
        number=assessment.number,
        **facts,
    )
