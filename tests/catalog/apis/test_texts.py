"""The Markdown of the catalog: all that the page says, and nothing that is markup by accident."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from catalog.apis.models import Api
from catalog.apis.plain import cell, code, fenced, plain
from catalog.specs.markdown import to_html
from portal.access.actors import Role
from tests.catalog.apis.world import parcels
from tests.factories.catalog import ApiVersionFactory, OperationFactory
from tests.factories.people import staff, user_of

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
PAGES = {
    "list": ("/apis/index.md", "[Parcels](/apis/parcels.md)"),
    "api": ("/apis/parcels.md", "[Get a parcel](/apis/parcels/v1/getParcel.md)"),
    "version": ("/apis/parcels/v1.md", "`parcels:read`"),
    "operation": ("/apis/parcels/v1/getParcel.md", "`GET /parcels/{parcel_id}`"),
    "llms": ("/llms.txt", "[Parcels v1](http://testserver/apis/parcels/v1.md)"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("which", PAGES)
def test_every_page_is_there_as_markdown(client, which, django_assert_max_num_queries):
    parcels()
    address, wanted = PAGES[which]

    with django_assert_max_num_queries(6):
        response = client.get(address)

    assert response.status_code == 200
    assert response["Content-Type"] in {"text/markdown; charset=utf-8", "text/plain; charset=utf-8"}
    assert wanted in response.content.decode()


@pytest.mark.django_db
def test_the_text_of_an_operation_says_what_its_page_says(client):
    parcels()

    text = client.get("/apis/parcels/v1/getParcel.md").content.decode()

    for part in (
        "Scope `parcels:read`.",
        "consent to **Your parcels**",
        "| `parcel_id` | path | string, required | From a list. |",
        "| `/place` | string | Personal | `parcels:read` | 30 days |",
        "| `/note` | string | Sensitive | `parcels.notes:read` | Do not store |",
        "| `403 consent_withdrawn` | Not shared. | Delete what you hold. |",
        "curl http://testserver/sandbox/parcels/v1/parcels/pc_7Kq2",
        '"note": "Fragile"',
    ):
        assert part in text


@pytest.mark.django_db
@pytest.mark.parametrize("which", ["api", "version", "operation"])
def test_a_draft_has_no_text_not_even_for_staff(client, which):
    parcels()
    Api.objects.update(status="draft", published_at=None)
    client.force_login(user_of(staff(Role.CATALOG)))

    assert client.get(PAGES[which][0]).status_code == 404
    assert "Parcels" not in client.get("/apis/index.md").content.decode()
    assert "Parcels" not in client.get("/llms.txt").content.decode()


@pytest.mark.django_db
def test_a_draft_version_is_in_no_list_of_a_published_api(client):
    operation = parcels()
    draft = ApiVersionFactory(api=operation.version.api, label="v9", status="draft")
    OperationFactory(version=draft, slug="secretOperation")

    for address in ("/apis/parcels/v9.md", "/apis/parcels/v9/secretOperation.md"):
        assert client.get(address).status_code == 404
    assert "/v9.md" not in client.get("/llms.txt").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/apis/", "/apis/parcels/", "/apis/parcels/v1/getParcel/"])
def test_a_page_names_its_text(client, address):
    parcels()

    page = client.get(address).content.decode()

    link = page.split('type="text/markdown" href="')[1].split('"')[0]
    assert client.get(link).status_code == 200


@pytest.mark.django_db
def test_markup_of_a_description_is_words_in_the_text(client):
    parcels(summary="<script>alert(1)</script> [x](javascript:alert(1)) | # `")
    html = (
        MarkdownIt("commonmark")
        .enable("table")
        .render(client.get("/apis/parcels.md").content.decode())
    )

    assert "<script" not in html
    assert "javascript:" not in html.replace("(javascript:alert(1))", "")


@given(TEXT)
def test_a_cell_is_one_line_and_no_markup(text):
    html = MarkdownIt("commonmark").enable("table").render(f"| a |\n|---|\n| x{cell(text)} |")

    assert "\n" not in cell(text)
    assert html.count("<td>") == 1
    assert "<a " not in html
    assert "<em>" not in html


@given(TEXT)
def test_code_and_fences_hold_whatever_they_hold(text):
    words = " ".join(text.split())
    rendered = MarkdownIt("commonmark").parse(code(text) or "x")
    fence = MarkdownIt("commonmark").parse(fenced(text))

    assert len(fence) == 1
    if words:
        assert rendered[1].children[0].type == "code_inline"


def test_stored_html_comes_back_as_markdown():
    source = "# Head\n\nSome *words* and `code` with [a link](https://x.example).\n\n- one\n- two"

    text = plain(to_html(source))

    assert "### Head" in text
    assert "*words*" in text
    assert "`code`" in text
    assert "[a link](https://x.example)" in text
    assert "- one\n- two" in text
