"""Places that are read again: in turn, only what changed, and less often when they fail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from werkzeug import Request, Response

from catalog.imports.feeding import (
    add_source,
    pause_source,
    read_due_sources,
    read_source_now,
    remove_source,
    resume_source,
)
from catalog.imports.models import ImportJob, Source
from catalog.imports.work import work_through
from catalog.specs.models import SpecRevision
from portal.access.actors import SYSTEM, Role
from portal.errors import Conflict, NotAllowed
from portal.events.models import Event
from tests.catalog.specs.documents import api, raw
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db
PAGES = "/console/apis/import/sources/"


class Server:
    """An address whose content has an ETag, and that remembers what it was asked."""

    def __init__(self, httpserver) -> None:
        self.body = raw(api())
        self.status = 200
        self.asked: list[tuple[str | None, int]] = []
        self.url = httpserver.url_for("/people.json")
        httpserver.expect_request("/people.json").respond_with_handler(self)

    def __call__(self, request: Request) -> Response:
        etag = f'"{len(self.body)}"'
        known = request.headers.get("If-None-Match")
        status = 304 if known == etag and self.status == 200 else self.status
        self.asked.append((known, status))
        return Response(self.body if status == 200 else b"", status, {"ETag": etag})


@pytest.fixture
def server(httpserver) -> Server:
    return Server(httpserver)


def added(url: str, **given) -> Source:
    source = add_source(by=SYSTEM, kind="address", url=url, interval_hours=24, **given)
    work_through()
    source.refresh_from_db()
    return source


def come_round(source: Source) -> Source:
    """Let its turn come."""
    Source.objects.filter(pk=source.pk).update(next_at=timezone.now())
    assert read_due_sources() == 1
    work_through()
    source.refresh_from_db()
    return source


def test_a_place_is_read_at_once_and_then_in_turn(server):
    source = added(server.url)

    assert SpecRevision.objects.get().source == server.url
    assert source.last_result == "read"
    assert timedelta(hours=23) < source.next_at - timezone.now() <= timedelta(hours=24)
    assert read_due_sources() == 0


def test_what_did_not_change_is_not_even_sent(server):
    source = come_round(added(server.url))

    assert [status for _, status in server.asked] == [200, 304]
    assert source.last_result == "unchanged"
    assert SpecRevision.objects.count() == 1
    assert ImportJob.objects.counted().latest("pk").unchanged_count == 1


def test_what_changed_becomes_a_new_revision(server):
    source = added(server.url)
    server.body = raw(api(servers=[]))

    source = come_round(source)

    assert source.last_result == "read"
    assert SpecRevision.objects.count() == 2
    assert SpecRevision.objects.current().count() == 1


def test_an_address_without_an_etag_that_sends_the_same_again_changes_nothing(httpserver):
    httpserver.expect_request("/plain.json").respond_with_data(raw(api()))

    source = come_round(added(httpserver.url_for("/plain.json")))

    assert source.last_result == "unchanged"
    assert SpecRevision.objects.count() == 1


def test_a_place_that_fails_is_asked_less_often_and_then_no_more(server):
    source = added(server.url)
    server.status = 500
    waits = []
    for _ in range(Source.GIVES_UP_AFTER):
        source = come_round(source)
        waits.append(round((source.next_at - timezone.now()) / timedelta(hours=24)))

    assert waits == [2, 4, 7, 7, 7, 7, 7, 7]
    assert (source.status, source.last_result) == ("paused", "unreachable")
    assert Event.objects.get(kind="catalog.source.paused").facts["reason"] == "failing"
    assert read_due_sources() == 0

    server.status = 200
    resume_source(source, by=SYSTEM)
    source = come_round(source)
    assert (source.status, source.failure_count) == ("active", 0)


def test_an_answer_that_could_not_be_read_is_asked_for_anew(server):
    server.body = b"{"
    source = added(server.url)
    assert source.last_result == "bad_json"

    come_round(source)

    assert [status for _, status in server.asked][-1] in {200, 304}


def test_a_reading_that_goes_on_is_not_begun_twice(server):
    source = add_source(by=SYSTEM, kind="address", url=server.url, interval_hours=1)
    Source.objects.update(next_at=timezone.now())

    assert read_due_sources() == 1
    first = read_source_now(source, by=SYSTEM)

    assert ImportJob.objects.get() == first


def test_a_place_is_added_once_and_again_after_it_was_removed(server):
    source = added(server.url)
    with pytest.raises(Conflict):
        added(server.url)

    remove_source(source, by=SYSTEM)

    assert added(server.url).status == "active"
    source.refresh_from_db()
    with pytest.raises(Conflict):
        read_source_now(source, by=SYSTEM)


def test_what_is_paused_is_not_read(server):
    source = added(server.url)
    pause_source(source, by=SYSTEM)
    Source.objects.update(next_at=timezone.now())

    assert read_due_sources() == 0


def test_only_who_keeps_the_catalog_adds_a_place(server):
    with pytest.raises(NotAllowed):
        add_source(by=staff(Role.REVIEWER), kind="address", url=server.url, interval_hours=24)


# --- The pages -----------------------------------------------------------------------------------


@pytest.fixture
def ines(client):
    client.force_login(user_of(staff(Role.CATALOG)))


def place(url: str, **other):
    return {"kind": "address", "url": url, "interval_hours": "24", **other}


@pytest.mark.usefixtures("ines")
def test_a_place_is_added_changed_paused_and_removed_by_hand(client, server):
    response = client.post(f"{PAGES}new/", place(server.url))
    page = response.headers["Location"]
    work_through()

    shown = client.get(page).content.decode()
    client.post(page, {"interval_hours": "1"})
    interval = Source.objects.get().interval_hours
    client.post(f"{page}pause/")
    paused = client.get(page).content.decode()
    client.post(f"{page}resume/")
    reading = client.post(f"{page}read/").headers["Location"]
    client.post(f"{page}remove/")

    assert server.url in shown
    assert interval == 1
    assert "Paused" in paused
    assert reading.startswith("/console/apis/import/jobs/")
    assert client.get(page).status_code == 404
    assert "No place yet" in client.get(PAGES).content.decode()


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize(
    ("form", "words"),
    [
        (place("https://10.1.2.3/a"), "not on the public internet"),
        (place("http://kestrel.example/a"), "does not begin with https"),
        (place("https://me:secret@kestrel.example/a"), "a user in front of it"),
        (place("https://127.0.0.1/", kind="git", folder="../.."), "not inside the repository"),
        (place("ssh://kestrel.example/a", kind="git"), "valid URL"),
        (place("", kind="git"), "required"),
        (place("https://a.example/", interval_hours="2"), "valid choice"),
    ],
    ids=[
        "inside",
        "no TLS",
        "a secret in it",
        "a folder outside",
        "ssh",
        "nothing",
        "every two hours",
    ],
)
def test_a_place_that_must_not_be_read_is_refused_at_the_form(client, form, words):
    response = client.post(f"{PAGES}new/", form)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Source.objects.exists()


@pytest.mark.usefixtures("ines")
def test_the_same_place_twice_is_said_at_the_form(client, server):
    client.post(f"{PAGES}new/", place(server.url))

    again = client.post(f"{PAGES}new/", place(server.url))

    assert "This place is read already." in again.content.decode()
    assert client.post(f"{PAGES}{Source.objects.get().pk}/nonsense/").status_code == 404


@pytest.mark.usefixtures("ines")
def test_a_list_of_many_places_takes_few_queries(client, server, django_assert_max_num_queries):
    for n in range(20):
        add_source(by=SYSTEM, kind="address", url=f"{server.url}?{n}", interval_hours=24)
    client.get(PAGES)

    with django_assert_max_num_queries(8):
        client.get(PAGES)
