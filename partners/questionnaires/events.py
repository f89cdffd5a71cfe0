from enum import StrEnum


class QuestionnaireEvent(StrEnum):
    PUBLISHED = "partners.questionnaire.published"
    ASSIGNED = "partners.questionnaire.assigned"
    ANSWERED = "partners.questionnaire.answered"
    SUBMITTED = "partners.questionnaire.submitted"
    APPROVED = "partners.questionnaire.approved"
    RETURNED = "partners.questionnaire.returned"
    REJECTED = "partners.questionnaire.rejected"
