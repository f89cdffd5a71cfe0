from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser

from partners.endings import carrying, reminding
from partners.endings.actions import end_relationship
from partners.endings.models import Ending
from partners.organizations.models import Organization
from portal.access.actors import Role
from portal.events import log
from portal.notifications.models import Message
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff, user_of

pytestmark = pytest.mark.django_db


def signed_in(actor):
    browser = Browser()
    browser.force_login(user_of(actor))
    return browser


def test_staff_end_a_relationship_by_typing_its_name_and_then_read_the_report():
    organization = OrganizationFactory(approved=True, name="Kestrel Coach")
    browser = signed_in(staff(Role.SECURITY))
    page = f"/console/partners/{organization.slug}/ending/"

    wrong = browser.post(page, {"reason": "It leaked.", "name": "Kestrel"})
    assert wrong.status_code == 422
    assert not Ending.objects.exists()
    right = browser.post(page, {"reason": "It leaked.", "name": "Kestrel Coach"})

    assert right.status_code == 302
    organization.refresh_from_db()
    assert organization.status == Organization.Status.CLOSED
    assert "Everything is refused already" in browser.get(page).content.decode()
    carrying.carry_on_endings()
    log.deliver_due()
    report = browser.get(page).content.decode()
    assert "Nothing of it is alive" in report
    assert "15 of 15 steps" in report


def test_a_former_signer_says_once_what_became_of_the_data_and_a_viewer_only_reads():
    organization = OrganizationFactory(approved=True)
    signer, viewer = (member(organization, role) for role in (Role.SIGNER, Role.VIEWER))
    stranger = member(OrganizationFactory(approved=True), Role.OWNER)
    page = f"/endings/{organization.slug}/"
    assert signed_in(signer).get(page).status_code == 404  # It has not ended.
    officer = staff(Role.SECURITY)
    end_relationship(organization, by=officer, reason="It leaked.")
    carrying.carry_on_endings()

    assert signed_in(stranger).get(page).status_code == 404
    assert "Confirm in the name" not in signed_in(viewer).get(page).content.decode()
    assert signed_in(viewer).post(page, {"data_is": "deleted"}).status_code == 403
    kept = {"data_is": "kept"}
    assert signed_in(signer).post(page, kept).status_code == 422  # What, why, for how long?
    assert signed_in(signer).post(page, {**kept, "note": "Invoices, ten years."}).status_code == 302
    assert signed_in(signer).post(page, {"data_is": "deleted"}).status_code == 409

    ending = Ending.objects.get()
    assert (ending.data_is, ending.attested_by_id) == ("kept", signer.person_id)
    log.deliver_due()
    assert Message.objects.filter(user=officer.person_id, kind="endings/done").count() == 2


def test_s12_a_former_partner_is_reminded_once_for_each_mark_and_a_late_one_says_so(monkeypatch):
    organization = OrganizationFactory(approved=True)
    owner = member(organization, Role.OWNER)
    end_relationship(organization, by=staff(Role.SECURITY), reason="It leaked.")
    carrying.carry_on_endings()
    due_at = Ending.objects.get().data_due_at
    told = Message.objects.filter(kind="endings/data_due", user=owner.person_id).order_by("pk")
    counts = []

    # No run between the eighth day and the fifth, and each of them is made twice.
    for days_left in (8, 5, 5, 1, 0.5, -0.1, -3):
        now = due_at - timedelta(days=days_left)
        monkeypatch.setattr(reminding.timezone, "now", lambda now=now: now)
        reminding.remind_of_data()
        reminding.remind_of_data()
        counts.append(told.count())

    assert counts == [0, 1, 1, 2, 2, 3, 3]
    late, on_time, over = told
    assert "comes late" in late.text
    assert "comes late" not in on_time.text
    assert over.subject.startswith("Overdue")
