"""A visitor's page is kept while nothing changes, and never a moment longer than that is known."""

from __future__ import annotations

import re
import time
from importlib import import_module

import pytest
from django.db import connection, transaction
from django.test import Client

from catalog.apis.models import Api, ApiVersion
from portal.access.actors import Role
from portal.ui import watch as watching
from portal.ui.kept import Kept, kept
from portal.ui.watch import watch
from tests.catalog.apis.world import parcels
from tests.factories.people import staff, user_of

PAGE = "/apis/parcels/v1/getParcel/"
PAGES = {"front of the catalog": "/apis/", "api": "/apis/parcels/", "operation": PAGE}
TOKEN = re.compile(rb'X-CSRFToken": "([A-Za-z0-9]{64})"')

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def keeping(settings, monkeypatch):
    """Keep pages, and listen to this test's database."""
    settings.PAGE_MEMORY_BYTES = 4 * 1024 * 1024
    monkeypatch.setattr(watching, "TRUSTED_FOR", 30.0)  # A busy machine is no dead line.
    kept.clear()
    parcels()
    watch.generation()
    wait_for(lambda: watch.generation() is not None)
    settle()
    yield
    watch._asked_at = float("-inf")
    watch._thread.join(10)
    kept.clear()


def wait_for(condition) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "It did not come to pass."
        time.sleep(0.01)


def settle() -> None:
    """Wait until what was committed until now has been heard of."""
    with connection.cursor() as cursor:
        before = watch.generation()
        cursor.execute("SELECT pg_notify('pages', '')")
    wait_for(lambda: watch.generation() != before)


def get(client, address=PAGE, **headers):
    return client.get(address, headers=headers)


@pytest.mark.parametrize("which", PAGES)
def test_an_unchanged_page_costs_no_question_to_the_database(
    keeping, client, which, django_assert_num_queries
):
    first = get(client, PAGES[which])

    with django_assert_num_queries(0):
        again = get(Client(), PAGES[which])
        known = get(Client(), PAGES[which], **{"If-None-Match": first["ETag"]})

    assert (
        TOKEN.sub(b"", again.content).split(b"csrfmiddlewaretoken")[0]
        == (TOKEN.sub(b"", first.content).split(b"csrfmiddlewaretoken")[0])
    )
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == "private, no-cache"
    assert known.status_code == 304


CHANGES = {
    "an API that is withdrawn": lambda: Api.objects.update(status="retired"),
    "an API that is for partners now": lambda: Api.objects.update(audience="partner"),
    "a version that stops": lambda: ApiVersion.objects.update(status="sunset"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_is_shown_of(keeping, client, what):
    assert get(client).status_code == 200
    assert get(client).status_code == 200
    before = watch.generation()

    CHANGES[what]()

    wait_for(lambda: watch.generation() != before)
    assert get(client).status_code == 404
    assert b"getParcel" not in get(client, "/apis/parcels/").content


def test_a_change_is_told_when_it_commits_and_not_before(keeping):
    before = watch.generation()

    with transaction.atomic():
        Api.objects.update(name="Packets")
        time.sleep(0.5)
        assert watch.generation() == before

    wait_for(lambda: watch.generation() != before)


def test_a_change_that_is_taken_back_voids_nothing(keeping, client, django_assert_num_queries):
    get(client)
    before = watch.generation()

    with transaction.atomic():
        Api.objects.update(name="Packets")
        transaction.set_rollback(True)
    time.sleep(0.5)

    assert watch.generation() == before


def test_a_page_that_was_made_while_something_changed_is_not_shown_again(
    keeping, client, monkeypatch
):
    views = import_module("catalog.apis.views")
    render = views.render

    def slow_render(*args, **kwargs):
        page = render(*args, **kwargs)
        if page.content and not changed:
            changed.append(True)
            before = watch.generation()
            Api.objects.update(status="retired")
            wait_for(lambda: watch.generation() != before)
        return page

    changed = []
    monkeypatch.setattr(views, "render", slow_render)

    assert get(client).status_code == 200  # It was there when it was asked for.
    assert get(client).status_code == 404


def test_nothing_is_kept_while_the_line_is_silent(keeping, client, monkeypatch):
    get(client)
    monkeypatch.setattr(watching, "TRUSTED_FOR", -1.0)

    assert watch.generation() is None
    with connection.execute_wrapper(refuse), pytest.raises(AssertionError, match="asked"):
        get(client)


def refuse(*_):
    raise AssertionError("asked")


def test_each_visitor_gets_a_form_token_that_works(keeping):
    one, other = (Client(enforce_csrf_checks=True) for _ in range(2))
    tokens = [TOKEN.search(get(client).content)[1].decode() for client in (one, other)]

    assert tokens[0] != tokens[1]
    for client, token in ((one, tokens[0]), (other, tokens[1])):
        sent = client.post("/theme/", {"theme": "dark", "csrfmiddlewaretoken": token})
        assert sent.status_code in {204, 302}
    crossed = other.post("/theme/", {"theme": "dark", "csrfmiddlewaretoken": tokens[0]})
    assert crossed.status_code == 403


def test_a_signed_in_person_neither_gets_nor_leaves_a_kept_page(keeping, client):
    Api.objects.update(status="draft", published_at=None)
    settle()
    client.force_login(user_of(staff(Role.CATALOG)))

    assert get(client).status_code == 200
    assert get(Client()).status_code == 404


def test_a_theme_is_a_page_of_its_own(keeping):
    plain, dark = Client(), Client()
    dark.cookies["theme"] = "dark"

    get(plain)

    assert b'data-theme="dark"' in get(dark).content
    assert b'data-theme="dark"' not in get(plain).content


def test_every_table_of_the_catalog_s_pages_tells_of_changes():
    slices = ("apis", "scopes", "plans", "guides")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid"
            " AND t.tgname = 'pages_changed') FROM pg_class c WHERE c.relkind = 'r'"
            " AND split_part(c.relname, '_', 1) = ANY(%s)",
            [list(slices)],
        )
        told = dict(cursor.fetchall())

    # These are only ever shown together with a row that tells of itself, and guests of an API are
    # no visitors.
    unheard = {
        "scopes_fieldrule", "scopes_datacluster_purposes", "apis_guest", "guides_revision",
    }  # fmt: skip
    assert {table for table, tells in told.items() if not tells} == unheard


def test_the_memory_it_takes_is_bounded(settings, rf):
    settings.PAGE_MEMORY_BYTES = 50_000
    pages = Kept()
    from django.http import HttpResponse  # noqa: PLC0415 - only here

    for number in range(20):
        pages.put(number, 1, rf.get("/"), HttpResponse(b"x" * 10_000))

    assert [number for number in range(20) if pages.get(number, 1)] == [16, 17, 18, 19]
    pages.put(99, 1, rf.get("/"), HttpResponse(b"x" * 400_000))
    assert pages.get(99, 1) is None
    assert pages.get(19, 2) is None
