from enum import StrEnum


class EndingEvent(StrEnum):
    BEGUN = "partners.ending.begun"
    STEP_DONE = "partners.ending.step_done"
    ENDED = "partners.ending.ended"
    ATTESTED = "partners.ending.attested"
