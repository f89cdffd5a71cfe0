from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from partners.evidence import vault
from partners.evidence.confinement import inspect_confined
from partners.evidence.events import EvidenceEvent
from partners.evidence.kinds import FileRefused, FileTooLarge
from partners.evidence.models import EvidenceFile
from partners.organizations.models import Organization
from portal import secrets
from portal.access.actors import Actor
from portal.access.permissions import Permission, require
from portal.accounts.models import User
from portal.errors import Conflict, Refused
from portal.events.hints import hint
from portal.events.log import record

MAX_NAME = 150
_CHUNK = 64 * 1024
_MEGABYTE = 1024 * 1024


class OverQuota(Conflict):
    code = "evidence_quota"


class NotReady(Conflict):
    code = "file_not_ready"


class InUse(Conflict):
    code = "file_in_use"


def upload_file(
    organization: Organization, *, by: Actor, file: IO[bytes], name: str, size: int
) -> EvidenceFile:
    """Take a file in: looked into, encrypted, and in quarantine until the scanner has seen it.

    Raises `FileRefused` or `FileTooLarge` with the code of the rule that the file breaks.
    """
    require(by, Permission.UPLOAD_EVIDENCE, organization_id=organization.pk)
    name = _plain(name)
    evidence, key = _begin(organization, by=by, name=name, size=size)
    try:
        kind = inspect_confined(file, name)
        file.seek(0)
        kept = vault.keep(_chunks(file), name=evidence.vault_name, key=key)
    except Refused as refusal:
        _refuse(evidence, by=by, code=refusal.code)
        raise
    return _finish(evidence, by=by, kind=kind, kept=kept)


@transaction.atomic
def remove_file(evidence: EvidenceFile, *, by: Actor) -> None:
    """Destroy the bytes and their key; what was sent to reviewers is part of a record and stays."""
    require(by, Permission.UPLOAD_EVIDENCE, organization_id=evidence.organization_id)
    evidence = EvidenceFile.objects.select_for_update().get(pk=evidence.pk)
    if evidence.links.filter(sent_at__isnull=False).exists():
        raise InUse("Reviewers were sent this file, so it stays. You can add another beside it.")
    evidence.links.all().delete()
    _forget(evidence)
    _record(EvidenceEvent.REMOVED, evidence, by=by)


@transaction.atomic
def scan_again(evidence: EvidenceFile, *, by: Actor) -> None:
    """Give a file that the scanner gave up on its attempts back."""
    require(by, Permission.SCAN_EVIDENCE)
    evidence.move_to(EvidenceFile.Status.QUARANTINED, scan_count=0, next_scan_at=timezone.now())
    _record(EvidenceEvent.SCANNED_AGAIN, evidence, by=by)
    transaction.on_commit(_nudge)


@transaction.atomic
def open_file(evidence: EvidenceFile, *, by: Actor) -> Iterator[bytes]:
    """Return the bytes of a clean file, a piece at a time, and note who took them."""
    require(by, Permission.READ_EVIDENCE, organization_id=evidence.organization_id)
    if not evidence.is_ready:
        raise NotReady(f"{evidence} cannot be opened: {evidence.get_status_display().lower()}.")
    _record(EvidenceEvent.DOWNLOADED, evidence, by=by)
    return read_file(evidence)


def read_file(evidence: EvidenceFile) -> Iterator[bytes]:
    key = secrets.unseal(evidence.sealed_key, context=evidence.key_context)
    return vault.read(name=evidence.vault_name, key=key)


@transaction.atomic
def drop_abandoned() -> int:
    """Forget uploads that broke off; return how many."""
    abandoned = EvidenceFile.objects.abandoned(at=timezone.now())
    found = list(abandoned.select_for_update(skip_locked=True))
    for evidence in found:
        _forget(evidence)
    return len(found)


@transaction.atomic
def _begin(
    organization: Organization, *, by: Actor, name: str, size: int
) -> tuple[EvidenceFile, str]:
    """Hold a place in the quota before anything is written; one upload at a time counts."""
    if size > settings.EVIDENCE_MAX_BYTES:
        limit = settings.EVIDENCE_MAX_BYTES // _MEGABYTE
        raise FileTooLarge(f"The file is larger than {limit} MB. Split it, or shrink its pictures.")
    Organization.objects.select_for_update().get(pk=organization.pk)
    held = EvidenceFile.objects.filter(organization=organization).exclude(
        status=EvidenceFile.Status.REMOVED
    )
    bytes_held = held.aggregate(total=Sum("size"))["total"] or 0
    if held.count() >= settings.EVIDENCE_QUOTA_COUNT:
        raise OverQuota(f"You have {settings.EVIDENCE_QUOTA_COUNT} files. Remove one first.")
    if bytes_held + size > settings.EVIDENCE_QUOTA_BYTES:
        limit = settings.EVIDENCE_QUOTA_BYTES // _MEGABYTE
        raise OverQuota(f"Your files would be larger than {limit} MB together. Remove one first.")
    evidence = EvidenceFile(
        organization=organization,
        name=name,
        size=size,
        vault_name=vault.new_name(),
        uploaded_by=User.objects.get(pk=by.person_id or 0),
    )
    key = vault.new_key()
    evidence.sealed_key = secrets.seal(key, context=evidence.key_context)
    evidence.save()
    return evidence, key


@transaction.atomic
def _finish(evidence: EvidenceFile, *, by: Actor, kind: str, kept: vault.Kept) -> EvidenceFile:
    evidence.move_to(EvidenceFile.Status.QUARANTINED, kind=kind, size=kept.size, sha256=kept.sha256)
    _record(
        EvidenceEvent.UPLOADED, evidence, by=by, format=kind, size=kept.size, sha256=kept.sha256
    )
    transaction.on_commit(_nudge)
    return evidence


@transaction.atomic
def _refuse(evidence: EvidenceFile, *, by: Actor, code: str) -> None:
    _forget(evidence)
    _record(EvidenceEvent.REFUSED, evidence, by=by, code=code)


def _forget(evidence: EvidenceFile) -> None:
    name = evidence.vault_name
    evidence.move_to(EvidenceFile.Status.REMOVED, removed_at=timezone.now(), sealed_key="")
    transaction.on_commit(lambda: vault.forget(name))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Read a file on, and stop where it turns out larger than it said."""
    size = 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > settings.EVIDENCE_MAX_BYTES:
            raise FileTooLarge("The file is larger than it said.")
        yield chunk


def _plain(name: str) -> str:
    """Return the last part of a name, without what no page should show."""
    last = name.replace("\\", "/").rpartition("/")[2].strip()
    if not last or not last.isprintable() or len(last) > MAX_NAME:
        raise FileRefused(
            f"Give the file a plain name of up to {MAX_NAME} characters.", code="file_name"
        )
    return last


def _record(kind: EvidenceEvent, evidence: EvidenceFile, *, by: Actor, **facts: Any) -> None:
    record(kind, evidence, by=by, organization_id=evidence.organization_id, **facts)


def _nudge() -> None:
    hint("partners.evidence.tasks.scan_evidence")
