"""Agreements: words with a fingerprint, accepted by a signer, and held to by what runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client as Browser
from django.utils import timezone

from partners.agreements import actions, library, reminding
from partners.agreements.enforcing import control_of
from partners.agreements.models import Acceptance, Version
from partners.agreements.standing import standings
from partners.subscriptions.models import Condition, Subscription
from portal.access.actors import SYSTEM, Role
from portal.errors import Conflict, Malformed, NotAllowed, Refused
from portal.notifications.models import Message
from tests.factories.gateway import make_gate
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff, user_of
from tests.factories.reviews import access_request

pytestmark = pytest.mark.django_db


def words(text="You call what we approved.", **more):
    clauses = [{"title": "What you may call", "text": text, "control": "time_boxed"}]
    return {"code": "terms", "title": "Terms", "clauses": clauses, **more}


def accept(version, organization, *, by=None):
    by = by or member(organization, Role.SIGNER)
    return actions.accept_agreement(
        version, organization, by=by, sha256=version.sha256, position="Director"
    )


def test_only_a_signer_accepts_exactly_the_words_that_were_shown_and_once():
    organization = OrganizationFactory(approved=True)
    version = actions.publish_agreement(words(), by=SYSTEM)
    for role in (Role.DEVELOPER, Role.VIEWER, Role.SECURITY_CONTACT):
        with pytest.raises(NotAllowed):
            accept(version, organization, by=member(organization, role))
    with pytest.raises(NotAllowed):
        accept(version, organization, by=staff(Role.ADMIN))
    signer = member(organization, Role.SIGNER)
    with pytest.raises(Conflict):
        actions.accept_agreement(
            version, organization, by=signer, sha256="0" * 64, position="Director"
        )

    kept = accept(version, organization, by=signer)

    assert (kept.sha256, kept.signer_id) == (version.sha256, signer.person_id)
    with pytest.raises(Conflict):
        accept(version, organization)
    for row in (version, kept):
        with pytest.raises(ProgrammingError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(sha256="1" * 64)


def test_a_material_change_is_announced_then_holds_production_back_until_it_is_accepted(
    monkeypatch,
):
    gate = make_gate()
    organization = gate.world.client.application.organization
    token = gate.token()
    first = actions.publish_agreement(words(), by=SYSTEM)
    assert gate.ask(token)["X-Portal-Reason"] == "subscription_missing"
    accept(first, organization)
    assert gate.ask(token).status_code == 204

    second = actions.publish_agreement(words("Less.", summary="You call less."), by=SYSTEM)

    assert second.binding_at - second.published_at == actions.NOTICE
    assert gate.ask(token).status_code == 204
    (standing,) = standings(organization, at=timezone.now())
    assert (standing.owed_from, standing.is_held_back) == (second.binding_at, False)
    active = Subscription.objects.active
    assert active(at=second.binding_at - timedelta(seconds=1)).exists()
    assert not active(at=second.binding_at).exists()
    told = Message.objects.filter(kind="agreements/binding")
    for days_left, count in ((31, 0), (30, 1), (28, 1), (7, 2), (-1, 3), (-2, 3)):
        now = second.binding_at - timedelta(days=days_left)
        monkeypatch.setattr(reminding.timezone, "now", lambda now=now: now)
        reminding.remind_of_agreements()
        reminding.remind_of_agreements()
        mine = told.filter(text__contains="You call less", user__memberships__roles=["signer"])
        assert mine.count() == count
    accept(second, organization)
    assert active(at=second.binding_at).exists()


def test_a_change_that_does_not_matter_asks_nobody():
    organization = OrganizationFactory(approved=True)
    accept(actions.publish_agreement(words(), by=SYSTEM), organization)

    later = actions.publish_agreement(
        words("You call what is approved.", is_material=False), by=SYSTEM
    )

    assert later.number == 2
    assert not Version.objects.owed_by(organization.pk).exists()
    assert actions.publish_agreement(words("You call what is approved."), by=SYSTEM) == later
    newcomer = OrganizationFactory(approved=True)
    accept(later, newcomer)  # Whoever comes later accepts the newest words, and no older ones.
    assert not Version.objects.owed_by(newcomer.pk).exists()


def test_a_clause_names_only_what_holds_it_and_a_notice_is_not_cut_short():
    clause = {"title": "A", "text": "B", "control": "goodwill"}
    with pytest.raises(Malformed):
        actions.publish_agreement({**words(), "clauses": [clause]}, by=SYSTEM)
    with pytest.raises(NotAllowed):
        actions.publish_agreement(words(), by=staff(Role.REVIEWER))
    actions.publish_agreement(words(), by=SYSTEM)
    soon = timezone.now() + timedelta(days=29)
    with pytest.raises(Refused):
        actions.publish_agreement(words("Less."), by=SYSTEM, binding_at=soon)


def test_what_comes_with_the_portal_is_published_once_and_each_control_tells_how_it_is():
    organization = OrganizationFactory(approved=True)
    for _ in range(2):
        for document in library.documents():
            actions.publish_agreement(document, by=SYSTEM)

    assert Version.objects.count() == len(library.CODES)
    codes = {one["control"] for version in Version.objects.all() for one in version.clauses}
    for code in codes - {""}:
        assert control_of(code).look(organization, timezone.now()).words


def test_a_control_says_when_a_clause_is_not_kept():
    request = access_request()
    organization = request.client.application.organization
    now = timezone.now()
    subscription = Subscription.objects.create(
        client=request.client,
        plan=request.plan,
        starts_at=now - timedelta(days=2),
        ends_at=now + timedelta(days=2),
    )
    assert control_of("conditions").look(organization, now).is_kept
    Condition.objects.create(
        subscription=subscription, kind="pentest_due", due_at=now - timedelta(days=1)
    )

    assert not control_of("conditions").look(organization, now).is_kept


def test_a_signer_reads_and_accepts_on_a_page_and_staff_see_who_has_not():
    organization = OrganizationFactory(approved=True, name="Kestrel Coach")
    version = actions.publish_agreement(words(), by=SYSTEM)
    signer, viewer = (member(organization, role) for role in (Role.SIGNER, Role.VIEWER))
    desk = signed_in(staff(Role.REVIEWER))
    assert "Kestrel Coach" in desk.get("/console/agreements/").content.decode()
    assert "Production rests until it is" in signed_in(signer).get("/agreements/").content.decode()
    page = "/agreements/terms/"
    form = {"position": "Director", "may_sign": "on", "sha256": version.sha256}
    assert signed_in(viewer).post(page, form).status_code == 403
    assert signed_in(signer).post(page, {**form, "may_sign": ""}).status_code == 422

    answer = signed_in(signer).post(page, form)

    assert answer.status_code == 302
    assert Acceptance.objects.get().position == "Director"
    shown = signed_in(viewer).get(page).content.decode()
    assert "was accepted by" in shown
    assert version.sha256[:32] in shown
    assert "Every approved partner accepted it" in desk.get("/console/agreements/").content.decode()


def signed_in(actor):
    browser = Browser()
    browser.force_login(user_of(actor))
    return browser
