"""What others share of what a customer holds with them: a part of the list of apps."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from consent.arrangements.models import Customer
from consent.joint.overview import shared_by_others

register = template.Library()


@register.inclusion_tag("consent/joint/_shared.html", takes_context=True)
def held_with_others(context: dict[str, Any], customer: Customer) -> dict[str, Any]:
    rows = shared_by_others(customer, at=timezone.now())
    return {"rows": rows, "csrf_token": context.get("csrf_token")}
