from enum import StrEnum


class FindingEvent(StrEnum):
    OPENED = "partners.finding.opened"
    REMEDIATING = "partners.finding.remediating"
    ACCEPTED = "partners.finding.accepted"
    LAPSED = "partners.finding.lapsed"
    CLOSED = "partners.finding.closed"
