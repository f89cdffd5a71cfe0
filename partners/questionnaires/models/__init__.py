from partners.questionnaires.models.answers import Answer, AnswerRevision
from partners.questionnaires.models.assignments import RENEWED_BEFORE, Assignment, Delegation
from partners.questionnaires.models.submissions import Score, Submission
from partners.questionnaires.models.templates import Template, TemplateVersion

__all__ = [
    "RENEWED_BEFORE",
    "Answer",
    "AnswerRevision",
    "Assignment",
    "Delegation",
    "Score",
    "Submission",
    "Template",
    "TemplateVersion",
]
