from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils import timezone

from partners.joining.actions import start_of, usual_start
from partners.joining.models import Start
from partners.organizations.models import Organization

register = template.Library()


@register.filter
def span(took: timedelta | None) -> str:
    """Return a span as people say it: `2 min 14 s`, `3 h 5 min`, `4 days`."""
    if took is None:
        return ""
    minutes, seconds = divmod(round(took.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


@register.simple_tag
def first_answer(organization: Organization) -> Start | None:
    return start_of(organization)


@register.simple_tag
def usual_first_answer() -> timedelta | None:
    """Return how long half of the partners of the last 90 days needed at most."""
    return usual_start(since=timezone.now() - timedelta(days=90))
