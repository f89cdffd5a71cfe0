from enum import StrEnum


class ReviewEvent(StrEnum):
    OPENED = "partners.review.opened"
    VOTED = "partners.review.voted"
    DECIDED = "partners.review.decided"
    CLOSED = "partners.review.closed"
