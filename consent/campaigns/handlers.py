from __future__ import annotations

from datetime import datetime

from consent.arrangements import moments
from consent.campaigns.counting import OUTCOMES
from consent.campaigns.events import CampaignEvent
from partners.applications.models import Application
from partners.organizations.people import people_of
from portal.access.actors import Role
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify


@on(CampaignEvent.NEARING, CampaignEvent.CLOSED)
def tell_the_people_of_the_app(event: Event) -> None:
    """Say that customers are asked anew, until when, and afterwards what came of it; not who."""
    application = Application.objects.get(slug=str(event.facts["application"]))
    counts = {f"{name}_count" for name in OUTCOMES} | {"asked_count", "days_left"}
    deadline = datetime.fromisoformat(str(event.facts["deadline"]))
    people = people_of(application.organization_id, Role.OWNER, Role.DEVELOPER)
    for user in people.distinct():
        notify(
            user,
            key=f"{event.public_id}:{user.pk}",
            template=f"campaigns-partner/{event.kind.rpartition('.')[2]}",
            context={
                "application": application.name,
                "notice": str(event.facts["notice"]),
                "deadline": moments.moment(deadline, "UTC"),
                **{name: int(str(event.facts[name])) for name in counts & event.facts.keys()},
            },
            link=f"/apps/{application.slug}/",
        )
