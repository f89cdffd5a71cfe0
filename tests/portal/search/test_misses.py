"""What was looked for in vain is told in words, never by whom, and not before several did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal.access.actors import Role
from portal.search import misses
from portal.search.misses import count_miss, forget_rare
from portal.search.models import Miss
from portal.search.wording import wording_of
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db

TERM = "tide tables"


def everything_kept() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(m::text, ''), '') FROM search_miss m")
        return cursor.fetchone()[0].encode()


def ask(client, term=TERM, *, visitor="1.1.1.1", **headers):
    client.get("/apis/search/", {"q": term}, REMOTE_ADDR=visitor, headers=headers)


def test_words_are_kept_when_the_third_visitor_asks(client):
    ask(client, visitor="1.1.1.1")
    ask(client, "Tide  TABLES", visitor="2.2.2.2")
    assert b"tide" not in everything_kept()

    ask(client, visitor="3.3.3.3")

    miss = Miss.objects.get()
    assert (miss.term, miss.visitor_count, list(miss.visitors)) == (TERM, 3, [])


def test_one_visitor_who_asks_again_and_again_is_one(client):
    for _ in range(5):
        ask(client)

    assert Miss.objects.get().visitor_count == 1
    assert not Miss.objects.told().exists()


def test_nothing_kept_says_who_asked_or_ties_two_questions_together(client):
    ask(client, "tide tables", visitor="9.9.9.9")
    ask(client, "moon phases", visitor="9.9.9.9")

    one, other = Miss.objects.all()
    assert b"9.9.9.9" not in everything_kept()
    assert bytes(one.visitors[0]) != bytes(other.visitors[0])


def test_the_database_keeps_no_words_of_a_few(client):
    ask(client)

    with pytest.raises(Exception, match="miss_words_need_several_visitors"):
        Miss.objects.update(term="tide tables")


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("q=tide+tables", {"HX-Request": "true"}),
        ("q=tide+tables&sector=Health", {}),
        ("q=%26+%7C", {}),
        ("q=", {}),
    ],
    ids=["half typed", "narrowed", "no word", "nothing"],
)
def test_it_is_no_miss(client, query, headers):
    client.get(f"/apis/search/?{query}", headers=headers)

    assert not Miss.objects.exists()


def test_what_few_asked_is_forgotten_and_what_many_asked_stays(client):
    ask(client)
    for visitor in ("1.1.1.1", "2.2.2.2", "3.3.3.3"):
        ask(client, "moon phases", visitor=visitor)
    Miss.objects.update(last_at=timezone.now() - timedelta(days=31))

    assert forget_rare() == 1
    assert Miss.objects.get().term == "moon phases"


def test_the_table_cannot_be_filled_with_nonsense(monkeypatch):
    monkeypatch.setattr(misses, "MOST_KEPT", 2)
    for number in range(5):
        count_miss(wording_of(f"nonsense{number}"), visitor="x")

    assert Miss.objects.count() == 2
    count_miss(wording_of("nonsense0"), visitor="y")
    assert Miss.objects.filter(visitor_count=2).exists()


def test_staff_of_the_catalog_read_what_is_missed(client):
    for visitor in ("1.1.1.1", "2.2.2.2", "3.3.3.3"):
        ask(client, visitor=visitor)
    ask(client, "asked once")
    client.force_login(user_of(staff(Role.CATALOG)))

    page = client.get("/console/searches/").content.decode()

    assert TERM in page
    assert "asked once" not in page


def test_the_page_is_for_the_catalog_s_staff(client):
    client.force_login(user_of(staff(Role.REVIEWER)))
    assert client.get("/console/searches/").status_code == 403
    client.force_login(user_of(staff()))
    assert client.get("/console/searches/").status_code == 404
