from __future__ import annotations

from typing import Any

from django import template

from partners.organizations.current import organization_of, others_of
from portal.ui.requests import Request

register = template.Library()


@register.inclusion_tag("partners/organizations/_switch.html")
def organization_switch(request: Request, csrf_token: str) -> dict[str, Any]:
    """Say in whose name the page speaks, to people for whom that can be one of several."""
    others = others_of(request)
    return {
        "organizations": others,
        "current": organization_of(request) if others else None,
        "csrf_token": csrf_token,
    }
