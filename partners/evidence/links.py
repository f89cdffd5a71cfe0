"""What a file is shown for. The thing stands above this slice, so it is known by its name alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from partners.evidence.actions import NotReady, remove_file
from partners.evidence.events import EvidenceEvent
from partners.evidence.models import EvidenceFile, Link
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, NotFound
from portal.events.log import record
from portal.events.models import subject_of

MAX_FOR_ONE_ANSWER = 10


class EvidenceWaits(Conflict):
    """Answers cannot be sent while a file of theirs has not been seen by the scanner."""

    code = "evidence_not_ready"


@transaction.atomic
def attach_file(
    evidence: EvidenceFile, *, by: Actor, about: models.Model, organization_id: int, key: str
) -> Link:
    """Show a file for an answer. One that was just uploaded may wait; a bad one is not shown."""
    require(by, Permission.UPLOAD_EVIDENCE, organization_id=organization_id)
    if evidence.organization_id != organization_id:
        raise NotFound("There is no such file.")
    evidence = EvidenceFile.objects.select_for_update().get(pk=evidence.pk)
    if not evidence.is_ready and not evidence.is_waiting:
        raise NotReady(f"{evidence} cannot be shown: {evidence.get_status_display().lower()}.")
    links = Link.objects.filter(subject=subject_of(about), key=key)
    known = links.filter(file=evidence).first()
    if known is not None:
        return known
    if links.count() >= MAX_FOR_ONE_ANSWER:
        raise Conflict(f"An answer has at most {MAX_FOR_ONE_ANSWER} files.", code="too_many_files")
    link = Link.objects.create(
        file=evidence,
        subject=subject_of(about),
        key=key,
        linked_by=User.objects.get(pk=by.person_id or 0),
    )
    _record(EvidenceEvent.ATTACHED, link, by=by)
    return link


@transaction.atomic
def detach_file(link: Link, *, by: Actor) -> None:
    """Take a file off an answer; what reviewers were sent stays as it was sent."""
    require(by, Permission.UPLOAD_EVIDENCE, organization_id=link.file.organization_id)
    link = Link.objects.select_for_update(of=("self",)).select_related("file").get(pk=link.pk)
    if link.sent_at is not None:
        raise Conflict("Reviewers were sent this file with the answer.", code="file_in_use")
    _record(EvidenceEvent.DETACHED, link, by=by)
    link.delete()


@transaction.atomic
def put_in_place(evidence: EvidenceFile, *, by: Actor, of: EvidenceFile) -> None:
    """Show a file wherever another one is shown, and let that one go unless it was sent."""
    require(by, Permission.UPLOAD_EVIDENCE, organization_id=of.organization_id)
    if evidence.organization_id != of.organization_id:
        raise NotFound("There is no such file.")
    of = EvidenceFile.objects.select_for_update().get(pk=of.pk)
    of.links.filter(sent_at=None).update(file=evidence, linked_at=timezone.now())
    if not of.links.exists():
        remove_file(of, by=by)


def shown_for(about: models.Model) -> dict[str, list[Link]]:
    """Return what is shown for each answer of a thing, by the question's key."""
    shown: dict[str, list[Link]] = defaultdict(list)
    for link in Link.objects.about(subject_of(about)):
        shown[link.key].append(link)
    return dict(shown)


def require_ready(about: models.Model, *, keys: Collection[str]) -> None:
    """Refuse while a file of these answers is not clean, with each answer and its reason."""
    errors = {
        key: [f"{link.file}: {link.file.get_status_display().lower()}." for link in unready]
        for key, links in shown_for(about).items()
        if key in keys and (unready := [link for link in links if not link.file.is_ready])
    }
    if not errors:
        return
    reasons = " ".join(reason for why in errors.values() for reason in why)
    raise EvidenceWaits(f"Some files are not ready yet. {reasons}", errors=errors)


def mark_sent(about: models.Model, *, keys: Collection[str], at: datetime) -> None:
    """Say that reviewers have these files now: they stay with what was sent."""
    links = Link.objects.filter(subject=subject_of(about), key__in=keys, sent_at=None)
    links.update(sent_at=at)


def _record(kind: EvidenceEvent, link: Link, *, by: Actor) -> None:
    record(
        kind,
        link.file,
        by=by,
        organization_id=link.file.organization_id,
        about=link.subject,
        key=link.key,
    )
