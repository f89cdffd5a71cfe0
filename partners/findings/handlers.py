from __future__ import annotations

from partners.evidence.models import EvidenceFile
from partners.findings import actions
from partners.findings.events import FindingEvent
from partners.findings.models import Finding
from partners.organizations.people import people_of
from partners.questionnaires.models import Submission
from portal.access.actors import Role
from portal.events.log import on
from portal.events.models import Event
from portal.notifications.actions import notify


@on("partners.questionnaire.submitted")
def look_into_answers(event: Event) -> None:
    submission = Submission.objects.select_related("assignment").get(
        pk=event.facts["submission_id"]
    )
    actions.find_in_answers(submission)


@on("partners.evidence.infected")
def look_into_what_was_sent(event: Event) -> None:
    """Reopen what was approved over a file that later signatures take for a virus."""
    evidence = EvidenceFile.objects.select_related("organization").get(
        pk=event.subject.rpartition(":")[2]
    )
    link = evidence.links.filter(sent_at__isnull=False).order_by("-pk").first()
    if event.facts["was_clean"] and link is not None:
        actions.find_in_file(evidence, subject=link.subject, key=link.key)


@on(FindingEvent.OPENED, FindingEvent.LAPSED)
def tell_the_partner(event: Event) -> None:
    finding = Finding.objects.get(pk=event.subject.rpartition(":")[2])
    for person in people_of(finding.organization_id, Role.OWNER, Role.SECURITY_CONTACT):
        notify(
            person,
            key=f"{event.public_id}:{person.pk}",
            template="findings/opened",
            context={
                "number": finding.number,
                "title": finding.title,
                "due": f"{finding.due_at:%-d %B %Y}",
            },
            link=finding.get_absolute_url(),
        )
