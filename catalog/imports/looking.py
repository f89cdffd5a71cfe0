"""Imports as a page or a program sees them: with their documents and how far they are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from catalog.imports.models import ImportDocument, ImportJob
from portal.access.actors import Actor

DOCUMENTS_SHOWN = 500


def shown_jobs(actor: Actor) -> QuerySet[ImportJob]:
    return ImportJob.objects.visible_to(actor).counted()


def shown_job(actor: Actor, number: UUID) -> QuerySet[ImportJob]:
    """Return the job with its documents, those that need a look first."""
    rows = (
        ImportDocument.objects.select_related("revision__version__api")
        .defer("body", "revision__raw")
        .order_by("position", "pk")
    )
    documents = Prefetch("documents", rows[:DOCUMENTS_SHOWN], to_attr="shown_documents")
    return shown_jobs(actor).filter(number=number).prefetch_related(documents)


def documents_of(job: Any) -> list[ImportDocument]:
    """Return the documents that `shown_job` brought along."""
    return list(job.shown_documents)
