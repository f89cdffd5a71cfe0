from __future__ import annotations

import pytest
from django.test import Client

from catalog.guides import actions
from catalog.guides.models import Guide
from portal.access.actors import Role
from tests.catalog.apis.world import parcels
from tests.factories.guides import guide, words
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db
CALL = "Read [one](/apis/parcels/v1/getParcel/), and [none](/apis/parcels/v1/nothing/).\n"


@pytest.fixture
def keeper():
    browser = Client()
    browser.force_login(user_of(staff(Role.CATALOG)))
    return browser


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_readers_find_a_guide_with_its_operations_and_the_same_as_markdown(
    client, django_assert_num_queries
):
    api = parcels().version.api
    guide(api, text=CALL + "\n## One\n\n## Two\n")
    guide(api, title="Send a gift", kind=Guide.Kind.USE_CASE)
    guide(api, title="Not yet", published=False)

    with django_assert_num_queries(4):
        page = text(client.get("/guides/track-a-parcel/"))
    assert '<h2 id="s-one">One</h2>' in page
    assert "What it uses" in page
    assert page.count('href="/apis/parcels/v1/getParcel/"') == 2
    with django_assert_num_queries(1):
        every = text(client.get("/guides/"))
    with django_assert_num_queries(3):
        ours = text(client.get("/apis/parcels/guides/"))
    for page in (every, ours):
        assert "Track a parcel" in page
        assert "Use cases" in page
        assert "Not yet" not in page
    markdown = client.get("/guides/track-a-parcel.md")
    assert markdown["Content-Type"] == "text/markdown; charset=utf-8"
    assert CALL.strip() in text(markdown)
    assert "[Send a gift](/guides/send-a-gift.md)" in text(client.get("/guides/index.md"))
    assert "[Send a gift](/guides/send-a-gift.md)" in text(client.get("/apis/parcels/guides.md"))
    assert "[Send a gift](http://testserver/guides/send-a-gift.md)" in text(client.get("/llms.txt"))
    for gone in ("/guides/not-yet/", "/guides/not-yet.md", "/apis/none/guides/"):
        assert client.get(gone).status_code == 404


def test_staff_write_preview_keep_publish_and_take_back(keeper, client):
    api = parcels().version.api
    said = {"kind": "guide", "api": api.pk, "title": "Begin", "summary": "Now.", "text": "## First"}

    preview = text(keeper.post("/console/guides/new/", {**said, "preview": "yes"}))
    assert '<h2 id="s-first">First</h2>' in preview
    assert not Guide.objects.exists()
    assert keeper.post("/console/guides/new/", said).headers["Location"].endswith("/begin/edit/")
    assert client.get("/guides/begin/").status_code == 404

    keeper.post("/console/guides/begin/publication/")
    assert "First" in text(client.get("/guides/begin/"))
    page = "/console/guides/begin/edit/"
    assert keeper.post(page, {**said, "text": "<b>x</b>", "based_on": 1}).status_code == 422
    assert keeper.post(page, {**said, "text": "Second", "based_on": 1}).status_code == 302
    assert "newer words wait" in text(keeper.get("/console/guides/"))
    late = keeper.post(page, {**said, "text": "Late", "based_on": 1})
    assert late.status_code == 422
    assert "Somebody else wrote it anew" in late.content.decode()
    assert "Second" not in text(client.get("/guides/begin/"))

    keeper.post(page, {**said, "text": "Third", "based_on": 2, "publish": "yes"})
    assert "Third" in text(client.get("/guides/begin/"))
    keeper.post("/console/guides/begin/withdrawal/")
    assert client.get("/guides/begin/").status_code == 404
    assert client.get("/guides/begin.md").status_code == 404


def test_the_history_says_who_and_when_and_gives_words_back(keeper):
    writer = staff(Role.CATALOG)
    made = guide(by=writer)
    actions.revise_guide(made, words(text="Nothing left."), by=writer, based_on=1)

    listed = text(keeper.get("/console/guides/track-a-parcel/history/"))
    assert listed.count(user_of(writer).name) == 2
    shown = text(keeper.get("/console/guides/track-a-parcel/history/2/"))
    assert "<ins>Nothing left.</ins>" in shown
    assert "<del>## The call</del>" in shown
    assert keeper.post("/console/guides/track-a-parcel/history/1/restoration/").status_code == 302
    assert made.newest.restored_from == 1
    assert keeper.get("/console/guides/track-a-parcel/history/9/").status_code == 404
