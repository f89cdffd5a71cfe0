"""Parts of an application's page that its own slice cannot know: what was asked and approved."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from catalog.scopes.models import DataCluster
from partners.applications.models import Application
from partners.subscriptions.models import AccessRequest, Subscription
from partners.subscriptions.production import production_of

register = template.Library()


@register.inclusion_tag("partners/subscriptions/_scopes.html")
def scope_table(application: Application, *, may_change: bool) -> dict[str, Any]:
    """List what is asked for, with its depth and how far production is."""
    uses = list(application.data_uses.select_related("scope", "purpose").order_by("scope__name"))
    clusters = {
        cluster.code: cluster
        for cluster in DataCluster.objects.filter(
            superseded_at=None, code__in=[use.scope.cluster_code for use in uses]
        )
    }
    approved = set(
        Subscription.objects.active(at=timezone.now())
        .filter(client__application=application)
        .values_list("uses__scope_id", flat=True)
    )
    waiting = {
        use["scope"]
        for request in AccessRequest.objects.open().filter(client__application=application)
        for use in request.uses
    }
    rows = [
        {
            "use": use,
            "cluster": clusters.get(use.scope.cluster_code),
            "is_granted": use.scope_id in approved,
            "is_waiting": use.scope.name in waiting,
        }
        for use in uses
    ]
    return {"application": application, "rows": rows, "may_change": may_change}


@register.inclusion_tag("partners/subscriptions/_production.html")
def production_panel(application: Application, *, may_ask: bool) -> dict[str, Any]:
    """Say, for each API that is asked for, how far production is and what comes next."""
    return {
        "application": application,
        "organization": application.organization,
        "apis": production_of(application, at=timezone.now()),
        "is_open": application.status in {Application.Status.SANDBOX, Application.Status.LIVE},
        "may_ask": may_ask,
    }


@register.inclusion_tag("partners/subscriptions/_accesses.html")
def access_list(application: Application) -> dict[str, Any]:
    """List what the application was given, for staff, the newest first."""
    given = Subscription.objects.filter(client__application=application)
    return {"accesses": given.select_related("plan__api").order_by("-pk")[:20]}
