"""Importing as a person with a browser meets it."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.apis.models import Api
from catalog.imports.actions import Wanted, request_import
from catalog.imports.models import ImportDocument, ImportJob
from catalog.imports.work import work_through
from catalog.specs.models import SpecRevision
from portal.access.actors import SYSTEM, Role
from tests.catalog.specs.documents import api, raw
from tests.factories.people import UserFactory, staff, user_of

pytestmark = pytest.mark.django_db
FORM = "/console/apis/import/"


@pytest.fixture
def ines(client):
    actor = staff(Role.CATALOG)
    client.force_login(user_of(actor))
    return actor


def text(response) -> str:
    return response.content.decode()


def upload(client, content: bytes, name: str = "people.json"):
    return client.post(FORM, {"file": SimpleUploadedFile(name, content, "application/json")})


def folder(*bodies: bytes) -> ImportJob:
    wanted = [Wanted(name=f"{n}.json", body=body) for n, body in enumerate(bodies)]
    job, _ = request_import(wanted, by=SYSTEM, origin="command", name="folder")
    return job


@pytest.mark.parametrize("page", ["", "jobs/", "sources/", "sources/new/"])
def test_only_who_keeps_the_catalog_sees_the_pages(client, page):
    assert client.get(FORM + page).headers["Location"].startswith("/sign-in/")
    client.force_login(UserFactory())
    assert client.get(FORM + page).status_code == 404
    client.force_login(user_of(staff(Role.REVIEWER)))
    assert client.get(FORM + page).status_code == 403


def test_an_uploaded_file_becomes_a_job_and_then_a_draft_with_a_grade(client, ines):
    asked = upload(client, raw(api()))
    waiting = text(client.get(asked.headers["Location"]))
    work_through()
    done = text(client.get(asked.headers["Location"]))

    assert asked.status_code == 302
    assert "It waits for its turn" in waiting
    assert '<meta http-equiv="refresh" content="2">' in waiting
    assert 'hx-trigger="every 1s"' in waiting
    assert "People v1 was read" in done
    assert "1 operation, grade A with 100 of 100 points." in done
    assert "http-equiv" not in done
    assert "hx-trigger" not in done
    assert Api.objects.get().owner_id == ines.person_id
    assert SpecRevision.objects.get().imported_by_id == ines.person_id


@pytest.mark.usefixtures("ines")
def test_the_part_that_changes_can_be_asked_for_alone(client):
    asked = upload(client, raw(api()))

    part = client.get(asked.headers["Location"], headers={"HX-Request": "true"})

    assert text(part).lstrip().startswith('<div class="stack"')
    assert part.headers["Vary"].startswith("HX-Request")


@pytest.mark.usefixtures("ines")
def test_an_address_is_fetched(client, httpserver):
    httpserver.expect_request("/people.json").respond_with_data(raw(api()))

    response = client.post(FORM, {"url": httpserver.url_for("/people.json")})
    work_through()

    assert response.status_code == 302
    assert SpecRevision.objects.get().source == httpserver.url_for("/people.json")


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Give a file or an address"),
        ({"url": "nonsense"}, "Enter a valid URL"),
        ({"url": "https://x\x00y.example/"}, "Null characters are not allowed"),
        ({"url": "https://169.254.169.254/"}, "is not on the public internet"),
        ({"url": "https://10.0.0.7/api.json"}, "is not on the public internet"),
        ({"url": "http://kestrel.example/api.json"}, "does not begin with https"),
        ({"file": SimpleUploadedFile("a.json", b"")}, "empty"),
        ({"file": SimpleUploadedFile("a.json", b"{}"), "url": "https://a.example"}, "not both"),
    ],
    ids=["nothing", "no address", "NUL", "metadata", "inside", "no TLS", "empty", "both"],
)
def test_what_cannot_be_asked_for_is_said_at_the_form(client, form, words):
    response = client.post(FORM, form)

    assert response.status_code == 422
    assert words in text(response)
    assert not ImportJob.objects.exists()


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize(
    ("body", "words"),
    [(b"{", "not valid JSON"), (b"\x00\x01", "NUL bytes"), (b"<html>", "This is a web page")],
    ids=["half", "bytes", "a page"],
)
def test_what_cannot_be_read_says_why_and_is_kept(client, body, words):
    response = upload(client, body)
    work_through()

    page = text(client.get(response.headers["Location"]))
    assert "It could not be read" in page
    assert words in page
    assert "Try again" in page
    assert SpecRevision.objects.get().status == SpecRevision.Status.REJECTED


@pytest.mark.usefixtures("ines")
def test_a_file_that_is_too_large_is_refused_at_the_form(client, settings):
    settings.SPEC_MAX_BYTES = 100

    response = upload(client, raw(api()))

    assert "Choose a file under 100 bytes." in text(response)
    assert not ImportJob.objects.exists()


@pytest.mark.usefixtures("ines")
def test_the_same_file_again_says_that_nothing_changed(client):
    upload(client, raw(api()))
    again = upload(client, raw(api()))
    work_through()

    assert "Nothing changed" in text(client.get(again.headers["Location"]))
    assert SpecRevision.objects.count() == 1


@pytest.mark.usefixtures("ines")
def test_the_name_of_a_file_names_the_api(client):
    upload(client, raw(api(**{"x-portal": None})), "kestrel.example__main__v1.json")
    work_through()

    assert Api.objects.get().slug == "kestrel-example"


@pytest.mark.usefixtures("ines")
def test_progress_is_told_in_documents(client):
    job = folder(raw(api()), b"{", b"<html>", raw(api(servers=[])))
    work_through()
    ImportDocument.objects.filter(position=3).update(
        status="waiting", revision=None, ended_at=None, body=b"{}"
    )
    ImportJob.objects.update(status="working", ended_at=None)

    page = text(client.get(job.get_absolute_url()))

    assert "3 of 4 documents" in page
    assert re.search(r'aria-label="Documents read so far".{0,40}<rect width="75', page)


@pytest.mark.usefixtures("ines")
def test_a_mixed_folder_says_what_could_not_be_read(client):
    job = folder(raw(api()), b"{")
    work_through()

    page = text(client.get(job.get_absolute_url()))

    assert "It was read, but not all of it" in page
    assert "bad_json" in page
    assert "1</td>" in text(client.get(f"{FORM}jobs/"))


@pytest.mark.usefixtures("ines")
def test_a_job_can_be_cancelled_and_tried_again(client):
    asked = upload(client, raw(api()))
    address = asked.headers["Location"]

    cancelled = client.post(f"{address}cancel/", follow=True)
    work_through()
    late = client.post(f"{address}cancel/", follow=True)
    before = Api.objects.exists()
    client.post(f"{address}again/")
    work_through()

    assert "It was cancelled" in text(cancelled)
    assert "It was over already" in text(late)
    assert not before
    assert Api.objects.get().slug == "people"
    assert client.get(f"{address}again/").status_code == 405


@pytest.mark.usefixtures("ines")
def test_a_page_of_many_documents_takes_few_queries(client, django_assert_max_num_queries):
    job = folder(*(b"{" + b" " * n for n in range(30)))
    client.get(job.get_absolute_url())

    with django_assert_max_num_queries(10):
        client.get(job.get_absolute_url())
