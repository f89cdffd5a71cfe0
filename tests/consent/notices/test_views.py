from __future__ import annotations

import pytest

from tests.factories.notices import ENGLISH, FRENCH, published

pytestmark = pytest.mark.django_db


def test_anybody_reads_the_notice_that_counts(client, django_assert_max_num_queries):
    published()
    notice = published(words={"en": ENGLISH, "fr": FRENCH})

    with django_assert_max_num_queries(3):
        page = client.get("/privacy/")

    assert ENGLISH.title in page.text
    assert "Version 2" in page.text
    assert "Only what you see here." in page.text
    assert notice.sha256 in page.text


def test_an_earlier_version_stays_and_leads_to_the_newest(client):
    published()
    assert "earlier version" not in client.get("/privacy/1/").text

    published()

    page = client.get("/privacy/1/").text
    assert "earlier version" in page
    assert 'href="/privacy/"' in page


def test_markup_in_a_notice_does_nothing(client):
    published(words={"en": type(ENGLISH)("Data", "<script>alert(1)</script>\n\n**kept**")})

    page = client.get("/privacy/").text

    assert "<script>alert(1)" not in page
    assert "<strong>kept</strong>" in page


@pytest.mark.parametrize("address", ["/privacy/", "/privacy/7/", "/privacy/99999999999999999999/"])
def test_what_was_never_published_is_not_there(client, address):
    assert client.get(address).status_code == 404
