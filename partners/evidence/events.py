from enum import StrEnum


class EvidenceEvent(StrEnum):
    UPLOADED = "partners.evidence.uploaded"
    REFUSED = "partners.evidence.refused"
    CLEAN = "partners.evidence.clean"
    INFECTED = "partners.evidence.infected"
    UNSCANNABLE = "partners.evidence.unscannable"
    GIVEN_UP = "partners.evidence.given_up"
    SCANNED_AGAIN = "partners.evidence.scanned_again"
    ATTACHED = "partners.evidence.attached"
    DETACHED = "partners.evidence.detached"
    DOWNLOADED = "partners.evidence.downloaded"
    REMOVED = "partners.evidence.removed"
