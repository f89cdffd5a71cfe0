from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone

from catalog.apis.models import ApiVersion
from catalog.changes.models import Entry
from portal.access.actors import Role
from tests.factories.changes import parcels, publish, put_in
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def versions():
    old = publish(parcels(), at=timezone.now() - timedelta(days=30))
    return old, publish(parcels("2.0.0", fields=("id", "weight")))


@pytest.fixture
def keeper():
    browser = Client()
    browser.force_login(user_of(staff(Role.CATALOG)))
    return browser


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_compare_page_tells_what_breaks_first(client, versions, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        page = text(client.get("/apis/parcels/changelog/compare/"))

    assert page.index("place is no longer answered.") < page.index("weight is answered.")
    assert "A program that reads it finds nothing there. GET /parcels/{id}" in page


def test_both_versions_can_be_chosen(client, versions):
    page = text(client.get("/apis/parcels/changelog/compare/?old=v2&new=v1"))

    assert page.index("weight is no longer answered.") < page.index("place is answered.")


@pytest.mark.parametrize("query", ["?old=v1&new=v1", "?old=v1&new=v9", "?new=v2", "?level=none"],
                         ids=["same", "unknown", "half", "no level"])  # fmt: skip
def test_every_choice_has_an_answer(client, versions, query):
    assert client.get(f"/apis/parcels/changelog/compare/{query}").status_code == 200


def test_one_level_can_be_looked_at_alone(client, versions):
    page = text(client.get("/apis/parcels/changelog/compare/?level=added"))

    assert "weight is answered." in page
    assert "place is no longer answered." not in page


def test_what_a_description_says_is_escaped(client):
    publish(parcels(fields=("id", "<script>alert(1)</script>")))
    publish(parcels("2.0.0", fields=("id",)))

    content = client.get("/apis/parcels/changelog/compare/").content.decode()

    assert "<script>alert(1)" not in content
    assert "&lt;script&gt;alert(1)" in content


def test_drafts_are_not_compared_for_strangers(client, keeper):
    publish(parcels())
    put_in(parcels("2.0.0", fields=("id",)))

    assert "Only one version" in text(client.get("/apis/parcels/changelog/compare/"))
    assert "place is no longer answered." in text(keeper.get("/apis/parcels/changelog/compare/"))
    assert client.get("/apis/nothing/changelog/compare/").status_code == 404


def test_the_changelog_of_an_api_and_of_all_tell_the_same(
    client, versions, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        one = text(client.get("/apis/parcels/changelog/"))
    with django_assert_max_num_queries(6):
        both = text(client.get("/changes/"))

    for page in (one, both):
        assert page.index("v2 is published") < page.index("v1 is published")
        assert "1 breaking" in page
    only = text(client.get("/changes/?only=breaking"))
    assert "v2 is published" in only
    assert "v1 is published" not in only


def test_an_entry_shows_every_change_with_its_rule(client, versions):
    entry = Entry.objects.get(version=versions[1])

    page = client.get(entry.get_absolute_url())

    assert "place is no longer answered." in text(page)
    assert 'href="/changes/rules/#CH015"' in page.content.decode()
    assert 'id="CH015"' in client.get("/changes/rules/").content.decode()


def test_a_draft_is_nobodys_to_read(client, keeper):
    put_in(parcels())
    entry = Entry.objects.get()

    assert client.get(entry.get_absolute_url()).status_code == 404
    assert keeper.get(entry.get_absolute_url()).status_code == 404
    assert keeper.get(f"/console/changes/{entry.pk}/").status_code == 200


def test_the_feeds_are_atom_with_links_that_stay(client, versions):
    for address in ("/changes/feed.atom", "/apis/parcels/changelog/feed.atom"):
        answer = client.get(address)
        feed = ET.fromstring(answer.content)  # noqa: S314 - our own

        assert answer["Content-Type"].startswith("application/atom+xml")
        entries = feed.findall(f"{ATOM}entry")
        assert [one.findtext(f"{ATOM}title") for one in entries] == [
            "Parcels: v2 is published",
            "Parcels: v1 is published",
        ]
        assert "“place” is no longer answered." in entries[0].findtext(f"{ATOM}summary")
        assert entries[0].find(f"{ATOM}category").get("term") == "breaking"
        assert (
            entries[0]
            .findtext(f"{ATOM}id")
            .endswith(Entry.objects.get(version=versions[1]).get_absolute_url())
        )


def test_the_ends_of_versions_are_a_calendar(client, versions):
    ends = timezone.now().replace(microsecond=0) + timedelta(days=200)
    ApiVersion.objects.filter(pk=versions[0].pk).update(sunset_at=ends)

    answer = client.get("/changes/sunsets.ics")
    lines = answer.content.decode().split("\r\n")

    assert answer["Content-Type"].startswith("text/calendar")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert f"DTSTART:{ends:%Y%m%dT%H%M%SZ}" in lines
    assert "SUMMARY:Parcels v1 stops answering" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert lines.count("BEGIN:VEVENT") == 1


@pytest.mark.parametrize(
    "address",
    [
        "/changes/",
        "/changes/feed.atom",
        "/changes/sunsets.ics",
        "/changes/rules/",
        "/apis/parcels/changelog/",
        "/apis/parcels/changelog/compare/",
    ],
)
def test_a_visitors_browser_need_not_read_it_twice(client, versions, address):
    first = client.get(address)

    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304


def test_staff_find_better_words_and_publish(keeper):
    publish(parcels())
    put_in(parcels("1.1.0", fields=("id", "place", "weight")))
    entry = Entry.objects.drafts().get()
    assert "v1 changed" in text(keeper.get("/console/changes/"))

    sent = {"title": "Parcels have a weight", "words": "In **grams**.", "publish": "yes"}
    answer = keeper.post(f"/console/changes/{entry.pk}/", sent)

    assert answer.status_code == 302
    entry.refresh_from_db()
    assert entry.status == Entry.Status.PUBLISHED
    page = keeper.get(entry.get_absolute_url()).content.decode()
    assert "<strong>grams</strong>" in page
    again = keeper.post(f"/console/changes/{entry.pk}/", sent)
    assert again.status_code == 422
    assert "its words stay" in text(again)


def test_the_changelog_can_be_read_as_markdown(client, versions):
    one = text_of(client.get("/apis/parcels/changelog.md"))
    entry = re.search(r"\((/apis/parcels/changelog/\d+\.md)\)", one)[1]

    assert one.startswith("# Changelog of Parcels\n")
    assert "[v2 is published]" in one
    assert "[Parcels: v2 is published]" in text_of(client.get("/changes/index.md"))
    whole = text_of(client.get(entry))
    assert "## Breaks programs" in whole
    assert "“place” is no longer answered." in whole
    assert client.get("/apis/nothing/changelog.md").status_code == 404
    assert client.get("/apis/parcels/changelog/999999.md").status_code == 404


def text_of(answer) -> str:
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    return answer.content.decode()
