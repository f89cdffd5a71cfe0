from __future__ import annotations

import pytest
from django.utils.html import escape

from catalog.apis.models import Api, ApiVersion
from portal.access.actors import Role
from tests.catalog.apis.world import parcels
from tests.factories.catalog import ApiVersionFactory, OperationFactory
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db


def results(client, query, **headers) -> str:
    response = client.get("/apis/search/", {"q": query}, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "parcel",
        "Parcels",
        "PARC",
        "get a parcel",
        "GET /parcels/{parcel_id}",
        "GET parcels",
        "getParcel",
        "/parcels",
        "parcels:read",
        "arcel",
    ],
)
def test_an_operation_is_found_by(client, query):
    parcels()

    assert "/apis/parcels/v1/getParcel/" in results(client, query)


@pytest.mark.parametrize("query", ["POST parcels", "parcel zebra", "zebra", "&", "the of", "GET x"])
def test_an_operation_is_not_found_by(client, query):
    parcels()

    assert "/apis/parcels/v1/getParcel/" not in results(client, query)


def test_results_are_grouped_and_say_what_reveals_a_field(client):
    parcels()

    page = results(client, "place")

    assert "1 result" in page
    assert 'class="scope" href="/apis/parcels/v1/getParcel/#fields"' in page
    assert "parcels:read" in page


def test_what_was_found_is_marked_and_markup_is_not_markup(client):
    parcels(summary="Parcels <script>alert(1)</script> & <b>more</b>")

    page = results(client, "parcels")

    assert "<mark>Parcel</mark>s" in page
    assert "<script>alert" not in page
    assert escape("<script>alert(1)</script>") in page


@pytest.mark.parametrize(
    "query",
    [
        "'",
        '"',
        "\\",
        "%",
        "_",
        "a'b\"c\\d",
        "& | ! <-> ( ) :* ::",
        "refill:* & !due | (x <-> y)",
        "'; DROP TABLE apis_api; --",
        "{{ 7*7 }} {% load x %}",
        "<script>alert(1)</script>",
        "\u202e\u0000"[:1],
        "🙂 ÅÄÖ 日本語",
        "a" * 3000,
        "a " * 1500,
        "((((((((",
        "GET",
        "DELETE ",
        ":",
        "x:y:z",
        "\ud7ff",
        " ",
        "",
    ],
)
def test_no_question_is_an_error(client, query):
    parcels()

    page = results(client, query)

    assert "<script>alert" not in page


def test_an_endless_question_and_a_nul_byte_are_refused(client):
    assert client.get("/apis/search/", {"q": "a" * 10_000}).status_code == 400
    assert client.get("/apis/search/?q=a%00b").status_code == 400


@pytest.mark.parametrize(
    "query", ["q=parcel&kind=nonsense&page=-3&depth=x", "q=parcel&page=9999", "q=parcel&depth=99"]
)
def test_filters_that_make_no_sense_are_left_out(client, query):
    parcels()

    assert client.get(f"/apis/search/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("depth=4", True),
        ("depth=1", False),
        ("life=stable", True),
        ("life=beta", False),
        ("kind=operations", True),
        ("kind=apis", False),
    ],
)
def test_results_can_be_narrowed(client, query, is_there):
    parcels()

    page = client.get(f"/apis/search/?q=parcel&{query}").content.decode()

    assert ("/apis/parcels/v1/getParcel/" in page) is is_there


@pytest.mark.parametrize("query", ["parcel", "zebra", "zebra stripes", ""])
def test_the_number_of_queries_does_not_grow(client, query, django_assert_max_num_queries):
    operation = parcels()
    OperationFactory.create_batch(30, version=operation.version, summary="Send a parcel")

    with django_assert_max_num_queries(10):
        results(client, query)


def test_one_kind_is_paged(client):
    operation = parcels()
    OperationFactory.create_batch(30, version=operation.version, summary="Send a parcel")

    few = results(client, "parcel")
    page = client.get("/apis/search/?q=parcel&kind=operations&page=2").content.decode()

    assert "All 31 operations" in few
    assert "26 to 31 of 31" in page


def test_drafts_are_found_by_staff_only(client):
    parcels()
    Api.objects.update(status="draft", published_at=None)

    assert "getParcel" not in results(client, "parcel")
    assert "Parcels</a>" not in results(client, "zebra")
    client.force_login(user_of(staff(Role.CATALOG)))
    assert "getParcel" in results(client, "parcel")


def test_a_draft_version_is_not_found_by_visitors(client):
    operation = parcels()
    draft = ApiVersionFactory(api=operation.version.api, label="v2", status=ApiVersion.Status.DRAFT)
    OperationFactory(version=draft, slug="sendParcel", summary="Send a parcel")

    assert "sendParcel" not in results(client, "parcel")


def test_nothing_found_says_so_and_offers_a_way_on(client):
    parcels()

    page = results(client, "parcel zebra")

    assert "Nothing found" in page
    assert "?q=parcel" in page
    assert 'href="/apis/parcels/"' in page


def test_a_question_typed_on_gets_the_part_only(client):
    parcels()

    part = results(client, "parcel", **{"HX-Request": "true"})

    assert "<html" not in part
    assert 'id="results"' in part
