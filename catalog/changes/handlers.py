from __future__ import annotations

from catalog.apis.models import ApiVersion
from catalog.changes import actions
from catalog.specs.events import SpecEvent, VersionEvent
from catalog.specs.models import SpecRevision
from portal.access.actors import SYSTEM
from portal.events.log import on
from portal.events.models import Event


@on(SpecEvent.IMPORTED)
def draft_changes(event: Event) -> None:
    """Write down what the description changed, while whoever changed it still knows why."""
    revision = SpecRevision.objects.select_related("version__api").get(pk=_key(event))
    actions.draft_entry(revision, by=SYSTEM)


@on(VersionEvent.PUBLISHED)
def publish_changes(event: Event) -> None:
    version = ApiVersion.objects.select_related("api").get(pk=_key(event))
    actions.publish_version_entry(version, by=SYSTEM)


def _key(event: Event) -> int:
    return int(event.subject.rpartition(":")[2])
