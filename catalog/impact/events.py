from enum import StrEnum


class ImpactEvent(StrEnum):
    OPENED = "catalog.impact.opened"
    SUBMITTED = "catalog.impact.submitted"
    RETURNED = "catalog.impact.returned"
    APPROVED = "catalog.impact.approved"
    REFUSED = "catalog.impact.refused"
