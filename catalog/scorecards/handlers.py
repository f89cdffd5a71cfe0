from __future__ import annotations

from catalog.apis.models import ApiVersion
from catalog.scorecards.actions import write_scores
from portal.events.log import on
from portal.events.models import Event


@on(
    "catalog.spec.imported",
    "catalog.version.*",
    "catalog.api.*",
    "catalog.impact.*",
    "catalog.rule.*",
)
def keep_score(event: Event) -> None:
    """Write down what the event changed in a score; the same twice adds nothing."""
    versions = ApiVersion.objects.select_related("api")
    if slug := event.facts.get("api"):
        versions = versions.filter(api__slug=slug)
    elif owner_id := event.facts.get("owner_id"):
        versions = versions.filter(api__owner_id=owner_id)
    elif not event.kind.startswith("catalog.rule."):
        return
    write_scores(versions.order_by("pk"))
