from enum import StrEnum


class OrganizationEvent(StrEnum):
    JOINED = "partners.organization.joined"
    CHANGED = "partners.organization.changed"
    APPROVED = "partners.organization.approved"
    SUSPENDED = "partners.organization.suspended"
    REINSTATED = "partners.organization.reinstated"
    CLOSED = "partners.organization.closed"
