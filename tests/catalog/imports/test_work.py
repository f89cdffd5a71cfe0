"""The workers: what is asked for is done once, whatever becomes of who does it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.apis.models import Api
from catalog.imports import claims, work
from catalog.imports.actions import Wanted, cancel_import, request_import, retry_import
from catalog.imports.models import ImportDocument, ImportJob
from catalog.imports.tidying import forget_old_bodies
from catalog.imports.work import work_through
from catalog.specs.models import SpecRevision
from portal.access.actors import SYSTEM, Role
from portal.accounts.models import StaffRole
from portal.errors import Conflict, NotAllowed
from portal.events.models import Event
from tests.catalog.specs.documents import api, raw
from tests.factories.people import staff

pytestmark = pytest.mark.django_db


def ask(*bodies: bytes, by=SYSTEM) -> ImportJob:
    wanted = [Wanted(name=f"{n}.json", body=body) for n, body in enumerate(bodies)]
    job, _ = request_import(wanted, by=by, origin="upload", name="x")
    return job


def expire(document: ImportDocument) -> None:
    ImportDocument.objects.filter(pk=document.pk).update(
        leased_until=timezone.now() - timedelta(seconds=1)
    )


def test_only_who_keeps_the_catalog_may_ask_cancel_and_retry():
    job = ask(raw(api()))
    reviewer = staff(Role.REVIEWER)

    for forbidden in (
        lambda: ask(raw(api()), by=reviewer),
        lambda: cancel_import(job, by=reviewer),
        lambda: retry_import(job, by=reviewer),
    ):
        with pytest.raises(NotAllowed):
            forbidden()


def test_the_events_tell_of_the_beginning_and_the_end():
    ask(raw(api()), b"{")
    work_through()

    kinds = ["catalog.import.requested", "catalog.import.ended"]
    requested, ended = Event.objects.filter(kind__in=kinds).order_by("pk")
    assert requested.facts["document_count"] == 2
    assert ended.facts["outcome"] == "done"
    assert (ended.facts["read_count"], ended.facts["refused_count"]) == (1, 1)


def test_a_worker_that_died_is_followed_by_another_and_comes_too_late():
    job = ask(raw(api()))
    dead = claims.claim_next()
    assert dead is not None
    assert claims.claim_next() is None
    expire(dead)

    work_through()

    job.refresh_from_db()
    assert job.status == ImportJob.Status.DONE
    with pytest.raises(claims.Lost):
        claims.take_step(dead, ImportDocument.Step.STORING)
    with pytest.raises(claims.Lost):
        claims.lock(dead)


def test_a_worker_that_was_overtaken_writes_nothing(monkeypatch):
    ask(raw(api()))

    def overtaken(read):
        def reading(*args, **kwargs):
            made = read(*args, **kwargs)
            expire(ImportDocument.objects.get())
            assert claims.claim_next() is not None
            return made

        return reading

    monkeypatch.setattr(work, "read_confined", overtaken(work.read_confined))
    work.work_on_next()

    assert not Api.objects.exists()
    assert ImportDocument.objects.get().status == ImportDocument.Status.READING


def test_what_breaks_three_times_is_given_up_with_a_reason():
    job = ask(raw(api()))
    for _ in range(claims.MAX_ATTEMPTS):
        dead = claims.claim_next()
        assert dead is not None
        expire(dead)

    work_through()

    job.refresh_from_db()
    document = job.documents.get()
    assert (job.status, document.reason_code) == ("failed", "gave_up")
    assert not Api.objects.exists()


def test_a_bug_in_one_document_is_tried_again_later_and_stops_no_other(monkeypatch):
    ask(raw(api()))
    ask(raw(api(**{"x-portal": None})))
    first = ImportDocument.objects.order_by("pk").first()
    read = work.read_confined

    def broken(body, **kwargs):
        if body == bytes(first.body):
            raise ZeroDivisionError
        return read(body, **kwargs)

    monkeypatch.setattr(work, "read_confined", broken)
    work_through()

    first.refresh_from_db()
    assert first.status == ImportDocument.Status.READING
    assert first.leased_until > timezone.now()
    assert Api.objects.count() == 1
    monkeypatch.undo()
    expire(first)
    work_through()
    assert Api.objects.count() == 2


def test_a_cancelled_document_that_is_being_read_is_let_go(monkeypatch):
    job = ask(raw(api()), b"{")
    read = work.read_confined

    def cancelled(body, **kwargs):
        made = read(body, **kwargs)
        cancel_import(ImportJob.objects.get(), by=SYSTEM)
        return made

    monkeypatch.setattr(work, "read_confined", cancelled)
    work_through()

    assert not Api.objects.exists()
    assert set(job.documents.values_list("status", flat=True)) == {"cancelled"}


def test_an_end_that_was_not_written_is_written_by_the_sweep(monkeypatch):
    job = ask(raw(api()))
    monkeypatch.setattr(work, "finish_job", lambda _job: None)
    work.work_on_next()
    job.refresh_from_db()
    assert job.status == ImportJob.Status.WORKING

    work_through()

    job.refresh_from_db()
    assert job.status == ImportJob.Status.DONE


def test_who_may_import_no_more_imports_no_more():
    ines = staff(Role.CATALOG)
    job = ask(raw(api()), by=ines)
    StaffRole.objects.all().delete()

    work_through()

    assert job.documents.get().reason_code == "not_allowed"
    assert not Api.objects.exists()


def test_the_first_documents_of_each_job_come_first():
    ask(b"{", b"{ ", b"{  ")
    late = ask(raw(api()))

    work.work_on_next()
    work.work_on_next()

    late.refresh_from_db()
    assert late.status == ImportJob.Status.DONE


def test_a_retry_reads_what_was_refused_and_nothing_else():
    job = ask(raw(api()), b"{")
    work_through()
    with pytest.raises(Conflict):
        retry_import(job, by=SYSTEM)  # One was read, so it did not fail.

    failed = ask(b"{ ")
    work_through()
    failed.refresh_from_db()
    retry_import(failed, by=SYSTEM)
    assert bytes(failed.documents.get().body) == b"{ "
    work_through()

    failed.refresh_from_db()
    assert failed.status == ImportJob.Status.FAILED
    assert SpecRevision.objects.rejected().count() == 2


def test_bodies_are_let_go_when_they_were_read_or_after_a_week():
    ask(raw(api()))
    cancelled = ask(b"{")
    cancel_import(cancelled, by=SYSTEM)
    work_through()

    assert ImportDocument.objects.exclude(body=None).count() == 1
    assert forget_old_bodies() == 0
    ImportDocument.objects.update(ended_at=timezone.now() - timedelta(days=8))
    assert forget_old_bodies() == 1
    assert not ImportDocument.objects.exclude(body=None).exists()
