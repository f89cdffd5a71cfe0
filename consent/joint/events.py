from enum import StrEnum


class JointEvent(StrEnum):
    """What somebody does about a thing that they hold with others."""

    STOPPED = "consent.joint.stopped"
    ALLOWED = "consent.joint.allowed"
