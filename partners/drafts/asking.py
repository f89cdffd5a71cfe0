from __future__ import annotations

from partners.organizations.models import Organization
from partners.questionnaires import library
from partners.questionnaires.assigning import assign_questionnaire
from partners.questionnaires.models import Assignment, Template
from partners.questionnaires.reach import reach_of
from portal.access.actors import Actor
from portal.errors import NotFound


def ask_partner(
    organization: Organization, *, by: Actor, template: Template | None = None
) -> Assignment:
    """Ask for answers: to this questionnaire, or to the one that fits what it can reach."""
    if template is None:
        code = library.BY_TIER[reach_of(organization).tier]
        template = Template.objects.filter(code=code).first()
    version = template.newest if template else None
    if version is None:
        raise NotFound("That questionnaire is not published yet.", code="no_questionnaire")
    is_first = not Assignment.objects.filter(organization=organization).exists()
    occasion = Assignment.Occasion.ONBOARDING if is_first else Assignment.Occasion.MATERIAL_CHANGE
    return assign_questionnaire(organization, by=by, version=version, occasion=occasion)
