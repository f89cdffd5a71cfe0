from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from partners.assessors import actions
from partners.assessors.models import Engagement
from partners.evidence import links
from partners.questionnaires.sending import submit_questionnaire
from portal.access.actors import Role
from portal.errors import Conflict, NotAllowed, Refused
from portal.events.models import Event
from tests.factories.evidence import PDF, clean_file
from tests.factories.people import UserFactory, member, staff
from tests.factories.questionnaires import answered, assigned

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return staff(Role.SECURITY)


@pytest.fixture
def theo():
    user = UserFactory(email="theo@assessors.example")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def sent(settings, tmp_path):
    """Return a submission that shows one file, beside a file that was never sent."""
    settings.EVIDENCE_DIR = tmp_path
    assignment = answered(assigned())
    owner = member(assignment.organization, Role.OWNER)
    shown, _ = (clean_file(assignment.organization, by=owner) for _ in range(2))
    links.attach_file(
        shown,
        by=owner,
        about=assignment,
        organization_id=assignment.organization_id,
        key="transport",
    )
    return submit_questionnaire(assignment, by=owner)


def engage(organization, officer, **changes) -> Engagement:
    wanted = {"email": "Theo@Assessors.example", "firm": "Assessors Ltd", "days": 14}
    return actions.engage_assessor(organization, by=officer, **wanted | changes)


def test_an_assessor_reads_one_partners_file_and_nothing_else(client, sent, officer, theo):
    organization = sent.assignment.organization
    other = answered(assigned()).organization
    engage(organization, officer)
    client.force_login(theo)
    file = reverse("assessors:file", args=[organization.slug])
    shown = organization.evidence_files.get(links__isnull=False)
    hidden = organization.evidence_files.get(links__isnull=True)

    page = client.get(file).content.decode()
    download = reverse("assessors:download", args=[organization.slug, shown.public_id])

    assert "Head of engineering" in page
    assert b"".join(client.get(download)) == PDF
    assert Event.objects.filter(kind="partners.evidence.downloaded").count() == 1
    assert Event.objects.filter(kind="partners.assessor.read").count() == 1
    for nothing in (
        reverse("assessors:file", args=[other.slug]),
        reverse("assessors:download", args=[other.slug, shown.public_id]),
        reverse("assessors:download", args=[organization.slug, hidden.public_id]),
        reverse("evidence:file", args=[shown.public_id]),
        reverse("evidence:download", args=[shown.public_id]),
        reverse("evidence:files"),
        reverse("findings:findings"),
        reverse("remarks:answer", args=[sent.assignment_id, "transport"]),
        reverse("assessors:desk"),
        f"/console/partners/{organization.slug}/",
    ):
        assert client.get(nothing).status_code == 404, nothing


def test_the_way_in_closes_by_its_clock_and_by_hand(client, sent, officer, theo):
    organization = sent.assignment.organization
    engagement = engage(organization, officer, days=3)
    client.force_login(theo)
    file = reverse("assessors:file", args=[organization.slug])

    with time_machine.travel(engagement.ends_at - timedelta(seconds=1), tick=False):
        assert client.get(file).status_code == 200
    with time_machine.travel(engagement.ends_at, tick=False):
        assert client.get(file).status_code == 404
    assert client.get(file).status_code == 200
    actions.end_engagement(engagement, by=officer)
    assert client.get(file).status_code == 404
    assert "No file is open to you" in client.get(reverse("assessors:mine")).content.decode()


def test_only_a_proven_address_opens_it(client, sent, officer):
    organization = sent.assignment.organization
    engage(organization, officer)
    pretender = UserFactory(email="theo@assessors.example")
    EmailAddress.objects.create(user=pretender, email=pretender.email, verified=False)
    client.force_login(pretender)

    assert client.get(reverse("assessors:file", args=[organization.slug])).status_code == 404


def test_who_may_let_somebody_in_and_whom(sent, officer):
    organization = sent.assignment.organization
    with pytest.raises(NotAllowed):
        engage(organization, staff(Role.REVIEWER))
    with pytest.raises(Refused):
        engage(organization, officer, days=61)
    insider = organization.memberships.first().user
    with pytest.raises(Conflict):
        engage(organization, officer, email=insider.email)
    engage(organization, officer)
    with pytest.raises(Conflict):
        engage(organization, officer)


def test_the_desk_lets_in_and_ends(client, sent, officer):
    organization = sent.assignment.organization
    client.force_login(
        type(organization.memberships.first().user).objects.get(pk=officer.person_id)
    )
    desk = reverse("assessors:desk")
    wanted = {
        "organization": organization.pk,
        "firm": "Assessors Ltd",
        "email": "theo@assessors.example",
        "days": 7,
    }

    assert client.post(desk, wanted).status_code == 302
    assert "They may read this file already" in client.post(desk, wanted).content.decode()
    engagement = Engagement.objects.get()
    assert engagement.ends_at - timezone.now() < timedelta(days=7)
    client.post(reverse("assessors:ending", args=[engagement.pk]))
    assert "Ended" in client.get(desk).content.decode()
