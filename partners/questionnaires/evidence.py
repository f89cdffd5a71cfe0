"""Files that an answer names: which there are, and that they are shown for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from partners.evidence import links
from partners.evidence.models import EvidenceFile
from partners.questionnaires.models import Assignment
from partners.questionnaires.values import WrongAnswer
from portal.access.actors import Actor


def offered(organization_id: int) -> list[tuple[str, str]]:
    """Return the references and names of the files that may be named, newest first."""
    files = _showable(organization_id).order_by("-pk")
    return [(str(file.public_id), file.name) for file in files]


def require_known(organization_id: int, references: Sequence[str]) -> None:
    if set(references) != _named(organization_id, references).keys():
        raise WrongAnswer("Choose files from your evidence.")


def show_for(assignment: Assignment, *, by: Actor, key: str, references: Sequence[str]) -> None:
    """Show these files for an answer and no others; what reviewers were sent stays with them."""
    files = _named(assignment.organization_id, references)
    for link in links.shown_for(assignment).get(key, []):
        if str(link.file.public_id) not in files and link.sent_at is None:
            links.detach_file(link, by=by)
    for file in files.values():
        links.attach_file(
            file, by=by, about=assignment, organization_id=assignment.organization_id, key=key
        )


def fresh(organization_id: int, references: Sequence[str], *, since: datetime | None) -> list[str]:
    """Return which of these are clean, and not older than that, in the same order."""
    files = EvidenceFile.objects.filter(
        organization_id=organization_id,
        public_id__in=_uuids(references),
        status=EvidenceFile.Status.CLEAN,
    )
    if since is not None:
        files = files.filter(uploaded_at__gte=since)
    good = {str(public_id) for public_id in files.values_list("public_id", flat=True)}
    return [reference for reference in references if reference in good]


def as_sent(assignment: Assignment, *, keys: Collection[str]) -> dict[str, list[dict[str, str]]]:
    """Return what is shown for each of these answers, by name and digest."""
    return {
        key: [{"name": one.file.name, "sha256": one.file.sha256} for one in shown]
        for key, shown in links.shown_for(assignment).items()
        if key in keys
    }


def _named(organization_id: int, references: Sequence[str]) -> dict[str, EvidenceFile]:
    files = _showable(organization_id).filter(public_id__in=_uuids(references))
    return {str(file.public_id): file for file in files}


def _showable(organization_id: int) -> QuerySet[EvidenceFile]:
    return EvidenceFile.objects.filter(
        organization_id=organization_id,
        status__in=[
            EvidenceFile.Status.CLEAN,
            EvidenceFile.Status.QUARANTINED,
            EvidenceFile.Status.SCANNING,
        ],
    )


def _uuids(references: Sequence[str]) -> list[UUID]:
    found = []
    for reference in references:
        try:
            found.append(UUID(reference))
        except ValueError:
            continue
    return found
