from enum import StrEnum


class ArrangementEvent(StrEnum):
    GIVEN = "consent.arrangement.given"
    AMENDED = "consent.arrangement.amended"
    EXTENDED = "consent.arrangement.extended"
    RENEWED = "consent.arrangement.renewed"
    NARROWED = "consent.arrangement.narrowed"
    SHORTENED = "consent.arrangement.shortened"
    PAUSED = "consent.arrangement.paused"
    RESUMED = "consent.arrangement.resumed"
    RECONSENT_REQUIRED = "consent.arrangement.reconsent_required"
    WITHDRAWN = "consent.arrangement.withdrawn"
    REVOKED = "consent.arrangement.revoked"
    EXPIRED = "consent.arrangement.expired"
    INVALIDATED = "consent.arrangement.invalidated"
