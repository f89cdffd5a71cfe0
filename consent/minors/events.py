from enum import StrEnum


class GuardianshipEvent(StrEnum):
    BEGUN = "consent.guardianship.begun"
    ENDED = "consent.guardianship.ended"


class ApprovalEvent(StrEnum):
    """What becomes of a child's question to a guardian."""

    REQUESTED = "consent.approval.requested"
    APPROVED = "consent.approval.approved"
    REFUSED = "consent.approval.refused"
    LAPSED = "consent.approval.lapsed"
    ENDED = "consent.approval.ended"


class BirthEvent(StrEnum):
    CHANGED = "consent.birth_date.changed"
