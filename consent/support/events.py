from enum import StrEnum


class SupportEvent(StrEnum):
    OPENED = "consent.support.opened"
