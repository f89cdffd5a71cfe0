from enum import StrEnum


class AgreementEvent(StrEnum):
    PUBLISHED = "partners.agreement.published"
    ACCEPTED = "partners.agreement.accepted"
