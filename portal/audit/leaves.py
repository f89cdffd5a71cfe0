from __future__ import annotations

from datetime import UTC

from portal.audit import chain
from portal.events.models import Event


def leaf(event: Event) -> bytes:
    """Return the hash over every stored column of the event."""
    return chain.leaf_of(
        {
            "id": event.pk,
            "public_id": str(event.public_id),
            "kind": event.kind,
            "subject": event.subject,
            "actor": event.actor,
            "organization_id": event.organization_id,
            "person_id": event.person_id,
            "request_id": event.request_id,
            "facts": event.facts,
            "recorded_at": event.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        }
    )
