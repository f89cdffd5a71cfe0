"""A small published API with a vocabulary, for tests that ask for its data."""

from __future__ import annotations

from catalog.apis.models import Api
from catalog.scopes.models import DataCluster, Depth, Scope
from partners.applications.uses import WantedUse
from tests.factories.catalog import (
    ApiFactory,
    DataClusterFactory,
    LimitFactory,
    PlanFactory,
    PurposeFactory,
    ScopeFactory,
)


def published_api(slug: str = "things") -> Api:
    """Return an API with both plans; `<slug>:read` is sensitive, `<slug>.list:read` is open."""
    api = ApiFactory(slug=slug, name=slug.title(), published=True)
    for sandbox, calls in ((True, 10_000), (False, 100_000)):
        plan = PlanFactory(api=api, sandbox=sandbox)
        LimitFactory(plan=plan, window_seconds=86_400, call_count=calls)
        LimitFactory(plan=plan, window_seconds=1, call_count=50)
    cluster = DataClusterFactory(
        code=slug, depth=Depth.SENSITIVE, special_category="health", max_retention_days=90
    )
    cluster.purposes.add(PurposeFactory(code=f"{slug}-reminders"))
    ScopeFactory(name=f"{slug}:read", api_slug=slug, cluster_code=cluster.code)
    ScopeFactory(name=f"{slug}.list:read", api_slug=slug, open=True)
    return api


def wanted(slug: str = "things", **changes) -> WantedUse:
    values = {
        "scope": f"{slug}:read",
        "purpose": f"{slug}-reminders",
        "why": "to remind you before you run out.",
        "is_required": True,
        "retention_days": 30,
    }
    return WantedUse(**{**values, **changes})


def cluster_of(scope: str) -> DataCluster:
    code = Scope.objects.get(name=scope).cluster_code
    return DataCluster.objects.get(code=code, superseded_at=None)
