"""Scenario 4 of the acceptance list: evidence, from the upload to the scanner and back."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from partners.evidence import clamd, links, scanning, vault
from partners.evidence.actions import (
    InUse,
    NotReady,
    OverQuota,
    drop_abandoned,
    open_file,
    remove_file,
    scan_again,
)
from partners.evidence.events import EvidenceEvent
from partners.evidence.kinds import FileRefused, FileTooLarge
from partners.evidence.links import EvidenceWaits
from partners.evidence.models import MAX_SCANS, EvidenceFile
from partners.questionnaires.models import Assignment
from partners.questionnaires.sending import submit_questionnaire
from portal import secrets
from portal.access.actors import Role
from portal.demo.clamd import know, start_clamd
from portal.errors import Conflict, NotAllowed, NotFound
from portal.events.models import Event
from tests.factories.evidence import EICAR_PDF, MEGABYTE, PDF, office, scanned, uploaded
from tests.factories.partners import OrganizationFactory
from tests.factories.people import member, staff
from tests.factories.questionnaires import answered, assigned

pytestmark = pytest.mark.django_db
Status = EvidenceFile.Status


@pytest.fixture
def organization():
    return OrganizationFactory(approved=True)


@pytest.fixture
def amara(organization):
    return member(organization, Role.OWNER)


@pytest.fixture
def away(settings, scanner):
    settings.CLAMD_URL = "unix:///nowhere/clamd.sock"
    return settings


def files_of(settings):
    return [one for one in settings.EVIDENCE_DIR.rglob("*") if one.is_file()]


def test_s4_a_clean_file_can_be_read_and_each_reading_is_noted(scanner, organization, amara):
    evidence = scanned(organization, by=amara)

    assert evidence.status == Status.CLEAN
    assert evidence.signatures.startswith("ClamAV")
    assert b"".join(open_file(evidence, by=amara)) == PDF
    assert b"".join(open_file(evidence, by=staff(Role.REVIEWER))) == PDF
    assert Event.objects.filter(kind=EvidenceEvent.DOWNLOADED).count() == 2


def test_s4_a_virus_in_a_report_is_found_and_destroyed(scanner, settings, organization):
    evidence = scanned(organization, body=EICAR_PDF)

    assert (evidence.status, evidence.found) == (Status.INFECTED, "Test.EICAR.UNOFFICIAL")
    assert evidence.sealed_key == ""
    with pytest.raises(NotReady):
        open_file(evidence, by=staff(Role.SECURITY))


def test_s4_without_a_scanner_files_wait_and_go_on_by_themselves(
    away, scanner, organization, amara
):
    evidence = uploaded(organization, by=amara)

    assert scanning.scan_due() == 0
    evidence.refresh_from_db()
    assert (evidence.status, evidence.scan_count) == (Status.QUARANTINED, 0)
    with pytest.raises(NotReady):
        open_file(evidence, by=amara)

    away.CLAMD_URL = clamd_url(scanner)
    assert scanning.scan_due() == 1
    evidence.refresh_from_db()
    assert evidence.status == Status.CLEAN


def test_s4_a_scanner_that_leaves_in_the_middle_costs_no_attempt(
    scanner, organization, monkeypatch
):
    evidence = uploaded(organization)
    monkeypatch.setattr(clamd, "_answer", lambda _: (_ for _ in ()).throw(clamd.Away()))
    monkeypatch.setattr(clamd, "signatures", lambda: "ClamAV")

    assert scanning.scan_due() == 0

    evidence.refresh_from_db()
    assert (evidence.status, evidence.scan_count) == (Status.QUARANTINED, 0)


def test_s4_answers_are_not_sent_while_their_file_waits(away, scanner, organization, amara):
    assignment = answered(assigned(organization), by=amara)
    evidence = uploaded(organization, by=amara)
    attach(evidence, assignment, by=amara)

    with pytest.raises(EvidenceWaits) as refused:
        submit_questionnaire(assignment, by=amara)
    assert refused.value.errors == {"transport": ["report.pdf: waiting for the virus scan."]}
    assignment.refresh_from_db()
    assert assignment.status == Assignment.Status.OPEN

    away.CLAMD_URL = clamd_url(scanner)
    scanning.scan_due()
    submit_questionnaire(assignment, by=amara)
    assert evidence.links.get().sent_at is not None


def test_s4_what_was_sent_can_neither_be_removed_nor_taken_off(scanner, organization, amara):
    assignment = answered(assigned(organization), by=amara)
    evidence = scanned(organization, by=amara)
    link = attach(evidence, assignment, by=amara)
    submit_questionnaire(assignment, by=amara)

    with pytest.raises(InUse):
        remove_file(evidence, by=amara)
    link.refresh_from_db()
    with pytest.raises(Conflict):
        links.detach_file(link, by=amara)


def test_s4_a_file_that_later_signatures_know_is_infected_after_all(
    scanner, organization, amara, settings, tmp_path
):
    body = PDF + b"a worm of tomorrow, which nobody knows yet"
    evidence = scanned(organization, by=amara, body=body)
    assert evidence.status == Status.CLEAN

    (tmp_path / "clamd").mkdir()
    know(tmp_path / "clamd", "Test.Tomorrow", b"a worm of tomorrow".hex())
    EvidenceFile.objects.update(scanned_at=timezone.now() - timedelta(days=2))
    later = start_clamd(os.environ, home=tmp_path, sockets=tmp_path)
    settings.CLAMD_URL = clamd_url(tmp_path)
    scanning.scan_due()
    later.stop()

    evidence.refresh_from_db()
    assert (evidence.status, evidence.found) == (Status.INFECTED, "Test.Tomorrow.UNOFFICIAL")
    told = Event.objects.get(kind=EvidenceEvent.INFECTED)
    assert told.facts == {"found": "Test.Tomorrow.UNOFFICIAL", "was_clean": True}


def test_s4_files_older_than_a_month_are_not_scanned_again(scanner, organization):
    evidence = scanned(organization)
    old = timezone.now() - timedelta(days=31)
    EvidenceFile.objects.filter(pk=evidence.pk).update(uploaded_at=old, scanned_at=old)

    assert scanning.scan_due() == 0


def test_s4_other_signatures_look_at_young_files_once(scanner, organization, monkeypatch):
    evidence = scanned(organization)
    monkeypatch.setattr(clamd, "signatures", lambda: "ClamAV 1/2 of tomorrow")

    assert scanning.scan_due() == 1
    assert scanning.scan_due() == 0
    evidence.refresh_from_db()
    assert evidence.signatures == "ClamAV 1/2 of tomorrow"


REFUSED = {
    "a renamed program": ("a.pdf", b"MZ" + bytes(200), FileRefused, "executable_not_allowed"),
    "a workbook of zeros": (
        "a.xlsx",
        office(xl__a_dot_xml=bytes(60 * MEGABYTE)),
        FileRefused,
        "zip_bomb",
    ),
    "a macro document": ("a.xlsm", office(), FileRefused, "macros_not_allowed"),
    "a drawing": ("a.svg", b"<svg/>", FileRefused, "svg_not_allowed"),
    "26 MB": ("a.txt", b"a" * 26 * MEGABYTE, FileTooLarge, "file_too_large"),
    "a name with a line in it": ("a\nb.pdf", PDF, FileRefused, "file_name"),
}


def test_s4_each_refusal_has_its_code_and_leaves_nothing_behind(
    settings, tmp_path, organization, django_capture_on_commit_callbacks
):
    settings.EVIDENCE_DIR = tmp_path
    for name, body, kind, code in REFUSED.values():
        with (
            django_capture_on_commit_callbacks(execute=True),
            pytest.raises(kind) as refused,
        ):
            uploaded(organization, name=name, body=body)
        assert refused.value.code == code

    assert not EvidenceFile.objects.kept().exists()
    assert files_of(settings) == []
    noted = Event.objects.filter(kind=EvidenceEvent.REFUSED).values_list("facts__code", flat=True)
    assert set(noted) == {
        "executable_not_allowed",
        "zip_bomb",
        "macros_not_allowed",
        "svg_not_allowed",
    }


def test_the_bytes_at_rest_say_nothing_and_open_in_no_other_place(scanner, settings, organization):
    first, second = uploaded(organization, body=PDF * 30_000), uploaded(organization)
    kept = {one.name: one.read_bytes() for one in files_of(settings)}
    assert set(kept) == {first.vault_name, second.vault_name}
    assert all(b"1 0 obj" not in body for body in kept.values())
    assert all(one.stat().st_mode & 0o077 == 0 for one in files_of(settings))

    path = next(one for one in files_of(settings) if one.name == first.vault_name)
    whole = path.read_bytes()
    sealed_piece = vault.PIECE + 16
    swapped = whole[sealed_piece : 2 * sealed_piece] + whole[:sealed_piece]
    for broken in (whole[:sealed_piece], swapped, whole[:-1], whole[:-1] + b"x"):
        path.write_bytes(broken)
        with pytest.raises(secrets.Unreadable):
            list(vault.read(name=first.vault_name, key=key_of(first)))
    with pytest.raises(secrets.Unreadable):
        secrets.unseal(first.sealed_key, context=second.key_context)


def test_a_file_that_cannot_be_read_any_more_is_unscannable(scanner, settings, organization):
    evidence = uploaded(organization)
    for one in files_of(settings):
        one.write_bytes(b"?" * 100)

    scanning.scan_due()

    evidence.refresh_from_db()
    assert evidence.status == Status.UNSCANNABLE


def test_a_scan_that_fails_is_tried_five_times_and_then_by_hand(scanner, organization, monkeypatch):
    evidence = uploaded(organization)
    monkeypatch.setattr(clamd, "scan", lambda _: clamd.Answer(clamd.Verdict.ERROR))
    for _ in range(MAX_SCANS + 1):
        EvidenceFile.objects.update(next_scan_at=timezone.now())
        scanning.scan_due()
    evidence.refresh_from_db()
    assert (evidence.status, evidence.scan_count) == (Status.ERROR, MAX_SCANS)
    assert Event.objects.filter(kind=EvidenceEvent.GIVEN_UP).count() == 1

    monkeypatch.undo()
    with pytest.raises(NotAllowed):
        scan_again(evidence, by=staff(Role.REVIEWER))
    scan_again(evidence, by=staff(Role.SECURITY))
    scanning.scan_due()
    evidence.refresh_from_db()
    assert evidence.status == Status.CLEAN


def test_a_worker_that_dies_five_times_over_a_file_is_not_sent_again(scanner, organization):
    evidence = uploaded(organization)
    past = timezone.now() - timedelta(hours=1)
    EvidenceFile.objects.update(status=Status.SCANNING, scan_count=MAX_SCANS, next_scan_at=past)

    scanning.scan_due()

    evidence.refresh_from_db()
    assert evidence.status == Status.ERROR


def test_the_claim_of_a_worker_that_died_is_taken_over(scanner, organization):
    evidence = uploaded(organization)
    past = timezone.now() - timedelta(hours=1)
    EvidenceFile.objects.update(status=Status.SCANNING, scan_count=1, next_scan_at=past)

    scanning.scan_due()

    evidence.refresh_from_db()
    assert (evidence.status, evidence.scan_count) == (Status.CLEAN, 2)


def test_an_organization_has_a_quota(settings, tmp_path, organization):
    settings.EVIDENCE_DIR = tmp_path
    settings.EVIDENCE_QUOTA_COUNT = 1
    uploaded(organization)
    with pytest.raises(OverQuota):
        uploaded(organization)

    settings.EVIDENCE_QUOTA_COUNT = 10
    settings.EVIDENCE_QUOTA_BYTES = 2 * len(PDF)
    uploaded(organization)
    with pytest.raises(OverQuota):
        uploaded(organization)
    uploaded(OrganizationFactory())


def test_an_upload_that_broke_off_is_forgotten(settings, tmp_path, organization):
    settings.EVIDENCE_DIR = tmp_path
    evidence = uploaded(organization)
    past = timezone.now() - timedelta(hours=2)
    EvidenceFile.objects.update(status=Status.UPLOADING, uploaded_at=past)

    assert (drop_abandoned(), drop_abandoned()) == (1, 0)
    evidence.refresh_from_db()
    assert (evidence.status, evidence.sealed_key) == (Status.REMOVED, "")


def test_only_who_answers_may_upload_and_a_viewer_may_not_read(scanner, organization, amara):
    viewer, stranger = member(organization, Role.VIEWER), member(OrganizationFactory(), Role.OWNER)
    for nobody in (viewer, stranger, staff(Role.REVIEWER)):
        with pytest.raises(NotAllowed):
            uploaded(organization, by=nobody)
    evidence = scanned(organization, by=amara)
    for nobody in (viewer, stranger, staff(Role.CATALOG)):
        with pytest.raises(NotAllowed):
            open_file(evidence, by=nobody)


def test_a_file_is_shown_only_with_answers_of_its_own_organization(scanner, organization, amara):
    theirs = assigned(OrganizationFactory())
    other = member(theirs.organization, Role.OWNER)
    evidence = scanned(organization, by=amara)
    with pytest.raises(NotFound):
        attach(evidence, theirs, by=other)
    with pytest.raises(NotAllowed):
        attach(evidence, theirs, by=amara)

    bad = scanned(organization, by=amara, body=EICAR_PDF)
    with pytest.raises(NotReady):
        attach(bad, assigned(organization), by=amara)


def attach(evidence, assignment, *, by, key="transport"):
    return links.attach_file(
        evidence, by=by, about=assignment, organization_id=assignment.organization_id, key=key
    )


def key_of(evidence):
    return secrets.unseal(evidence.sealed_key, context=evidence.key_context)


def clamd_url(scanner):
    return f"unix://{scanner / 'clamd.sock'}"
