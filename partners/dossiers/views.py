from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from partners.dossiers.writing import WRITERS
from partners.questionnaires.models import Assignment, Submission
from portal.ui.guards import signed_in
from portal.ui.requests import Request


@require_safe
@never_cache
@signed_in
def sent(request: Request, number: int, form: str) -> HttpResponse:
    """Hand out what was sent in one round, to the partner and to who decides about it."""
    if form not in WRITERS:
        raise Http404
    submission = get_object_or_404(
        Submission.objects.select_related(
            "assignment__organization", "assignment__version__template", "submitted_by"
        ).prefetch_related("scores"),
        pk=number,
        assignment__in=Assignment.objects.visible_to(request.actor),
    )
    write, media_type, ending = WRITERS[form]
    assignment = submission.assignment
    name = f"{assignment.organization.slug}-{assignment.version.template.code}"
    file = HttpResponse(write(submission), content_type=media_type)
    file["Content-Disposition"] = f'attachment; filename="{name}-{submission.round}.{ending}"'
    return file
