"""Evidence, answers, findings, assessors and secrets, walked in Chromium."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from partners.applications.actions import issue_credential
from partners.assessors.actions import engage_assessor
from partners.evidence import links, scanning
from partners.findings.actions import open_finding
from partners.findings.models import Severity
from partners.questionnaires.sending import submit_questionnaire
from partners.remarks.actions import write_remark
from partners.remarks.models import Thread
from portal.access.actors import Role
from tests.browser.looks import look_at, opened
from tests.factories.evidence import EICAR_PDF, PDF, scanned, uploaded
from tests.factories.partners import ClientFactory
from tests.factories.people import UserFactory, member, staff, user_of
from tests.factories.questionnaires import answered, assigned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_evidence_is_uploaded_talked_about_and_assessed(browser, live_server, scanner):
    assignment = answered(assigned())
    organization = assignment.organization
    owner, officer = member(organization, Role.OWNER), staff(Role.SECURITY)
    page = opened(browser, live_server, user_of(owner), java_script_enabled=False)
    page.goto(f"{live_server.url}/files/")
    page.get_by_label("File", exact=True).set_input_files(
        [{"name": "soc2-type2.pdf", "mimeType": "application/pdf", "buffer": PDF}]
    )
    with page.expect_navigation():
        page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Waiting for the scan")).to_be_visible()
    scanning.scan_due()
    page.reload()
    expect(page.get_by_text("Checked, safe")).to_be_visible()
    page.context.close()

    proof = organization.evidence_files.get()
    links.attach_file(
        proof, by=owner, about=assignment, organization_id=organization.pk, key="transport"
    )
    scanned(organization, by=owner, body=EICAR_PDF, name="pentest.pdf")
    uploaded(organization, by=owner, name="policy-for-backups-with-a-rather-long-name.pdf")
    submit_questionnaire(assignment, by=owner)
    write_remark(assignment, by=officer, key="transport", text="Between the data centres, too?")
    write_remark(assignment, by=owner, key="transport", text="Yes, since March.")
    internal = Thread.Audience.INTERNAL
    write_remark(assignment, by=officer, key="transport", text="Ask in May.", audience=internal)
    finding = open_finding(
        organization, by=officer, title="The report is two years old.", severity=Severity.HIGH
    )
    theo = UserFactory(email="theo@assessors.example")
    EmailAddress.objects.create(user=theo, email=theo.email, verified=True, primary=True)
    engage_assessor(organization, by=officer, email=theo.email, firm="Assessors Ltd", days=7)
    client = ClientFactory(application__organization=organization)
    issue_credential(client, by=owner)
    answer = f"/answers/{assignment.pk}/transport/"

    found = look_at(
        browser,
        live_server,
        user_of(owner),
        {
            "evidence": "/files/",
            "evidence-file": proof.get_absolute_url(),
            "answer": answer,
            "findings": "/findings/",
            "secrets": f"/apps/{client.application.slug}/sandbox/credentials/",
        },
    )
    found += look_at(
        browser,
        live_server,
        user_of(officer),
        {
            "console-evidence": "/console/files/",
            "console-answer": f"/console{answer}",
            "console-findings": "/console/findings/",
            "console-finding": f"/console{finding.get_absolute_url()}",
            "console-assessors": "/console/assessors/",
        },
    )
    found += look_at(
        browser,
        live_server,
        theo,
        {"assess-file": f"/assess/{organization.slug}/"},
    )
    assert found == []
