from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.scorecards.actions import thin_out, write_scores


@shared_task
def tidy_scores() -> None:
    """Write down what the clock changed, such as an override that is over, and thin out the old."""
    write_scores(ApiVersion.objects.select_related("api").order_by("pk"))
    thin_out(at=timezone.now())
