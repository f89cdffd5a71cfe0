from enum import StrEnum


class OrganizationEvent(StrEnum):
    JOINED = "partners.organization.joined"
    CHANGED = "partners.organization.changed"
    APPROVED = "partners.organization.approved"
    CLEARED = "partners.organization.cleared"
    SUSPENDED = "partners.organization.suspended"
    REINSTATED = "partners.organization.reinstated"
    CLOSED = "partners.organization.closed"
