from enum import StrEnum


class QuestionnaireEvent(StrEnum):
    PUBLISHED = "partners.questionnaire.published"
    VERSION_TAKEN = "partners.questionnaire.version_taken"
    DELEGATED = "partners.questionnaire.delegated"
    REFUSED = "partners.questionnaire.answer_refused"
    ASSIGNED = "partners.questionnaire.assigned"
    ANSWERED = "partners.questionnaire.answered"
    SUBMITTED = "partners.questionnaire.submitted"
    APPROVED = "partners.questionnaire.approved"
    RETURNED = "partners.questionnaire.returned"
    REJECTED = "partners.questionnaire.rejected"
    RENEWED = "partners.questionnaire.renewed"
