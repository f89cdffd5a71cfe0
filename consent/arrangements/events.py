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
    # What another holder of a thing did, which this customer shares.
    HELD_BACK = "consent.arrangement.held_back"
    RELEASED = "consent.arrangement.released"
    WITHDRAWN = "consent.arrangement.withdrawn"
    REVOKED = "consent.arrangement.revoked"
    EXPIRED = "consent.arrangement.expired"
    INVALIDATED = "consent.arrangement.invalidated"
