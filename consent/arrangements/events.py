from enum import StrEnum


class ArrangementEvent(StrEnum):
    GIVEN = "consent.arrangement.given"
    RENEWED = "consent.arrangement.renewed"
    NARROWED = "consent.arrangement.narrowed"
    WITHDRAWN = "consent.arrangement.withdrawn"
    REVOKED = "consent.arrangement.revoked"
    EXPIRED = "consent.arrangement.expired"
