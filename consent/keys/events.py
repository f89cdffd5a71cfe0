from enum import StrEnum


class KeyEvent(StrEnum):
    PUBLISHED = "consent.key.published"
    ACTIVATED = "consent.key.activated"
    ROTATION_ASKED = "consent.key.rotation_asked"
    RETIRING = "consent.key.retiring"
    RETIRED = "consent.key.retired"
    COMPROMISED = "consent.key.compromised"
