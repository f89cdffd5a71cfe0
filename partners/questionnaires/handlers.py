from __future__ import annotations

from partners.organizations.models import Organization
from partners.questionnaires import assigning, library, publishing
from portal.access.actors import SYSTEM
from portal.events.log import on
from portal.events.models import Event


@on("partners.organization.joined")
def ask_the_first_questions(event: Event) -> None:
    """Give a new partner the onboarding questionnaire in its latest version."""
    version = publishing.publish_template(library.document(library.ONBOARDING), by=SYSTEM)
    organization = Organization.objects.get(pk=event.organization_id or 0)
    assigning.assign_questionnaire(organization, by=SYSTEM, version=version)
