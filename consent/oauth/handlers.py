from uuid import UUID

from consent.oauth import actions
from portal.events.log import on
from portal.events.models import Event


@on(
    "consent.arrangement.withdrawn",
    "consent.arrangement.revoked",
    "consent.arrangement.expired",
)
def sweep_what_ended(event: Event) -> None:
    """Clear away codes and tokens that the arrangement's epoch already refuses."""
    actions.sweep(UUID(event.subject.partition(":")[2]))
