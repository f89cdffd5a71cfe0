from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from consent.oversight import figures
from portal.access.permissions import Permission
from portal.ui.guards import staff_only
from portal.ui.requests import Request


@never_cache
@require_safe
@staff_only(Permission.ANSWER_RIGHTS)
def overview(request: Request) -> HttpResponse:
    now = timezone.now()
    applications, more_count = figures.applications(at=now)
    context = {
        "nav": "oversight",
        "now": now,
        "states": figures.states(at=now),
        "endings": figures.endings(at=now),
        "applications": applications,
        "more_count": more_count,
        "small": figures.SMALL,
        "lags": figures.lags(at=now),
        "queues": figures.queues(at=now),
        "requests": figures.requests(at=now),
        "campaigns": figures.campaigns(at=now),
    }
    return render(request, "consent/oversight/overview.html", context)
