"""Partners in production are told of new words, and reminded until a signer accepts them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from partners.agreements.models import Version
from partners.agreements.standing import partners_owing
from partners.organizations.models import Organization
from partners.organizations.people import people_of
from portal.access.actors import Role
from portal.notifications.actions import notify
from portal.reminding import Mark, key_of, mark_due

MARKS = (30, 7, 1, 0)
SIGNERS = (Role.OWNER, Role.SIGNER)
# Who was told that production rests is not told so anew for ever.
STALE = timedelta(days=30)


def remind_of_agreements() -> int:
    now, told = timezone.now(), 0
    near = Version.objects.filter(
        is_material=True,
        binding_at__gt=now - STALE,
        binding_at__lte=now + timedelta(days=max(MARKS)),
    )
    for version in near.select_related("agreement").order_by("pk"):
        mark = mark_due(version.binding_at, at=now, marks=MARKS)
        if mark is not None:
            owing = partners_owing(Version.objects.filter(pk=version.pk))
            told += sum(_remind(version, one, mark) for one in owing)
    return told


def _remind(version: Version, organization: Organization, mark: Mark) -> int:
    people = people_of(organization.pk, *SIGNERS).distinct()
    subject = f"agreement:{version.pk}:{organization.pk}"
    for person in people:
        notify(
            person,
            key=key_of(subject, version.binding_at, mark, person.pk),
            template="agreements/binding",
            context={
                "agreement": version.agreement.title,
                "organization": organization.name,
                "summary": version.summary,
                "due": f"{version.binding_at:%-d %B %Y, %H:%M} UTC",
                "is_over": mark.days == 0,
                "is_late": mark.is_late,
            },
            link=version.agreement.get_absolute_url(),
        )
    return len(people)
