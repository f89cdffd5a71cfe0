from catalog.apis.models import ApiVersion
from portal.events.log import on
from portal.events.models import Event
from portal.search.indexing import index_guides, index_versions


@on("catalog.spec.imported", "catalog.version.*", "catalog.api.*")
def index_what_changed(event: Event) -> None:
    """Find what is new under its words. What may be seen is asked of the catalog each time."""
    api = event.facts.get("api")
    versions = ApiVersion.objects.filter(api__slug=api) if api else ApiVersion.objects.none()
    if label := event.facts.get("label"):
        versions = versions.filter(label=label)
    index_versions(list(versions.values_list("pk", flat=True)))


@on("catalog.guide.published", "catalog.guide.withdrawn")
def index_what_was_told(event: Event) -> None:
    """Find a guide under the words that its readers see, and one that was taken away no more."""
    index_guides([int(event.subject.rpartition(":")[2])])
