from enum import StrEnum


class RequestEvent(StrEnum):
    """What becomes of a person's request about their own data."""

    RECEIVED = "dsr.received"
    EXTENDED = "dsr.extended"
    READ = "dsr.read"
    COMPLETED = "dsr.completed"
    REFUSED = "dsr.refused"
    CANCELLED = "dsr.cancelled"
    COPY_BUILT = "dsr.copy_built"
    COPY_FETCHED = "dsr.copy_fetched"
    COPY_REMOVED = "dsr.copy_removed"
    HELD = "dsr.held"
    RELEASED = "dsr.released"
    LIFTING = "dsr.lifting_announced"
    LIFTED = "dsr.restriction_lifted"


class DataEvent(StrEnum):
    """What recipients are asked for, and what they answer."""

    DELETION_REQUESTED = "data.deletion_requested"
    DELETION_CONFIRMED = "data.deletion_confirmed"
    DELETION_OVERDUE = "data.deletion_overdue"
    DELETION_UNACKNOWLEDGED = "data.deletion_unacknowledged"
    RESTRICTED = "data.restricted"
    RESTRICTION_CONFIRMED = "data.restriction_confirmed"
    RESTRICTION_OVERDUE = "data.restriction_overdue"
    RESTRICTION_UNACKNOWLEDGED = "data.restriction_unacknowledged"
    RESTRICTION_LIFTED = "data.restriction_lifted"
    RECTIFIED = "data.rectified"
    RECTIFICATION_CONFIRMED = "data.rectification_confirmed"
    RECTIFICATION_OVERDUE = "data.rectification_overdue"
    RECTIFICATION_UNACKNOWLEDGED = "data.rectification_unacknowledged"
