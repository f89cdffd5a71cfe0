from enum import StrEnum


class AssessorEvent(StrEnum):
    ENGAGED = "partners.assessor.engaged"
    ENDED = "partners.assessor.ended"
    READ = "partners.assessor.read"
