"""A stranger's file as an answer: always to be saved, never to be shown as a page of ours."""

# ruff: noqa: TID251 - pages and the API answer with it

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from partners.evidence import actions
from partners.evidence.models import EvidenceFile
from portal.access.actors import Actor


def as_attachment(evidence: EvidenceFile, *, to: Actor) -> StreamingHttpResponse:
    response = StreamingHttpResponse(
        actions.open_file(evidence, by=to), content_type=evidence.media_type
    )
    response["Content-Disposition"] = content_disposition_header(True, evidence.name) or ""
    response["Content-Length"] = str(evidence.size)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
