"""The way of a file out of quarantine: claim it, show it to the scanner, obey."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone

from partners.evidence import clamd, vault
from partners.evidence.actions import read_file
from partners.evidence.clamd import Answer, Verdict
from partners.evidence.events import EvidenceEvent
from partners.evidence.models import CLAIM, MAX_SCANS, EvidenceFile
from portal.access.actors import SYSTEM
from portal.events.log import record
from portal.secrets import Unreadable

Status = EvidenceFile.Status


def scan_due(*, seconds: float = 60) -> int:
    """Scan what waits, then young files once more, for about that long; return how many.

    While clamd is away nothing is tried: every file stays where it is, and the next run goes on.
    """
    ends_at = monotonic() + seconds
    scanned = 0
    try:
        signatures = clamd.signatures()
        while monotonic() < ends_at:
            evidence = _claim_next() or _claim_again(signatures)
            if evidence is None:
                break
            _scan(evidence, signatures=signatures)
            scanned += 1
    except clamd.Away:
        pass
    return scanned


def _scan(evidence: EvidenceFile, *, signatures: str) -> None:
    try:
        answer = clamd.scan(read_file(evidence))
    except clamd.Away:
        _put_back(evidence)
        raise
    except Unreadable:
        answer = Answer(Verdict.UNSCANNABLE)
    _conclude(evidence, answer, signatures=signatures)


@transaction.atomic
def _claim_next() -> EvidenceFile | None:
    """Take a waiting file out of the others' sight; no lock is held while it is scanned."""
    now = timezone.now()
    waiting = EvidenceFile.objects.to_scan(at=now).select_for_update(skip_locked=True)
    while (evidence := waiting.first()) is not None:
        if evidence.status == Status.SCANNING:  # Whoever had it did not come back.
            if evidence.scan_count >= MAX_SCANS:
                _fail(evidence, at=now)
                continue
            evidence.move_to(Status.QUARANTINED)
        evidence.move_to(
            Status.SCANNING, scan_count=evidence.scan_count + 1, next_scan_at=now + CLAIM
        )
        return evidence
    return None


@transaction.atomic
def _claim_again(signatures: str) -> EvidenceFile | None:
    """Take a young clean file; meanwhile it stays clean for whoever reads it."""
    now = timezone.now()
    young = EvidenceFile.objects.to_scan_again(at=now, signatures=signatures)
    evidence = young.select_for_update(skip_locked=True).first()
    if evidence is not None:
        evidence.next_scan_at = now + CLAIM
        evidence.save(update_fields=["next_scan_at"])
    return evidence


@transaction.atomic
def _put_back(evidence: EvidenceFile) -> None:
    """Undo the claim: it was nobody's fault but the scanner's."""
    evidence = EvidenceFile.objects.select_for_update().get(pk=evidence.pk)
    if evidence.status == Status.SCANNING:
        evidence.move_to(Status.QUARANTINED, scan_count=evidence.scan_count - 1)
    evidence.next_scan_at = timezone.now()
    evidence.save(update_fields=["next_scan_at"])


@transaction.atomic
def _conclude(evidence: EvidenceFile, answer: Answer, *, signatures: str) -> None:
    evidence = EvidenceFile.objects.select_for_update().get(pk=evidence.pk)
    now = timezone.now()
    if evidence.status == Status.CLEAN:
        _conclude_again(evidence, answer, signatures=signatures, at=now)
        return
    if evidence.status != Status.SCANNING:
        return  # Removed since, or concluded by a worker that was taken for dead.
    match answer.verdict:
        case Verdict.CLEAN:
            seen = {"scanned_at": now, "next_scan_at": now, "signatures": signatures}
            evidence.move_to(Status.CLEAN, **seen)
            _record(EvidenceEvent.CLEAN, evidence, signatures=signatures)
        case Verdict.INFECTED:
            _condemn(evidence, answer, signatures=signatures, at=now, was_clean=False)
        case Verdict.UNSCANNABLE:
            seen = {"scanned_at": now, "signatures": signatures, "found": answer.found}
            evidence.move_to(Status.UNSCANNABLE, **seen)
            _record(EvidenceEvent.UNSCANNABLE, evidence, found=answer.found)
        case Verdict.ERROR:
            _fail(evidence, at=now)


def _fail(evidence: EvidenceFile, *, at: datetime) -> None:
    """Try again later, each time later than before; after the last time people have to look."""
    wait = timedelta(seconds=30 * 2**evidence.scan_count)
    evidence.move_to(Status.ERROR, next_scan_at=at + wait)
    if evidence.was_given_up:
        _record(EvidenceEvent.GIVEN_UP, evidence)


def _conclude_again(
    evidence: EvidenceFile, answer: Answer, *, signatures: str, at: datetime
) -> None:
    """Keep a clean file clean unless something is found: a scan that fails finds nothing."""
    if answer.verdict == Verdict.INFECTED:
        _condemn(evidence, answer, signatures=signatures, at=at, was_clean=True)
        return
    evidence.next_scan_at = at
    if answer.verdict == Verdict.ERROR:
        evidence.next_scan_at = at + timedelta(hours=1)
    else:
        evidence.scanned_at, evidence.signatures = at, signatures
    evidence.save(update_fields=["next_scan_at", "scanned_at", "signatures"])


def _condemn(
    evidence: EvidenceFile, answer: Answer, *, signatures: str, at: datetime, was_clean: bool
) -> None:
    """Destroy the bytes and their key; what it was called and what was found stay."""
    name = evidence.vault_name
    evidence.move_to(
        Status.INFECTED, scanned_at=at, signatures=signatures, found=answer.found, sealed_key=""
    )
    transaction.on_commit(lambda: vault.forget(name))
    _record(EvidenceEvent.INFECTED, evidence, found=answer.found, was_clean=was_clean)


def _record(kind: EvidenceEvent, evidence: EvidenceFile, **facts: Any) -> None:
    record(kind, evidence, by=SYSTEM, organization_id=evidence.organization_id, **facts)
