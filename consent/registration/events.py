from enum import StrEnum


class RegistrationEvent(StrEnum):
    ALLOWED = "consent.registration.allowed"
    STOPPED = "consent.registration.stopped"
