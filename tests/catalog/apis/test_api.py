from __future__ import annotations

import pytest
import yaml

from catalog.apis.models import Api
from tests.catalog.apis.world import parcels
from tests.factories.catalog import ApiVersionFactory, OperationFactory

pytestmark = pytest.mark.django_db


def test_programs_read_the_catalog_without_an_account(client, django_assert_max_num_queries):
    parcels()
    ApiVersionFactory.create_batch(5, published=True)

    with django_assert_max_num_queries(2):
        answer = client.get("/api/v1/apis")

    first = answer.json()["results"][0]
    assert (first["slug"], first["depth"], first["needs_consent"]) == ("parcels", "sensitive", True)
    assert first["versions"][0]["label"] == "v1"
    assert client.get("/api/v1/apis/parcels").json() == first


def test_operations_name_the_scopes_they_need(client):
    parcels()

    answer = client.get("/api/v1/apis/parcels/versions/v1/operations").json()

    assert answer["results"] == [
        {
            "slug": "getParcel",
            "method": "GET",
            "path": "/parcels/{parcel_id}",
            "summary": "Get a parcel",
            "tag": "Parcels",
            "depth": "sensitive",
            "scopes": ["parcels:read"],
            "is_deprecated": False,
        }
    ]


def test_a_long_list_is_paged(client):
    operation = parcels()
    OperationFactory.create_batch(60, version=operation.version)
    seen, address = 0, "/api/v1/apis/parcels/versions/v1/operations"

    while address:
        answer = client.get(address).json()
        seen += len(answer["results"])
        address = answer["next"]

    assert seen == 61


@pytest.mark.parametrize(
    "address",
    ["/api/v1/apis/parcels", "/api/v1/apis/parcels/versions/v1/operations", "/api/v1/apis/nothing"],
)
def test_what_is_hidden_is_a_problem_with_a_code(client, address):
    parcels()
    Api.objects.update(status="draft", published_at=None)

    answer = client.get(address)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("query", ["cursor=nonsense", "cursor=%FF", "page=x"])
def test_a_strange_cursor_is_no_error_of_ours(client, query):
    parcels()

    assert client.get(f"/api/v1/apis?{query}").status_code in {200, 404}


def test_the_schema_describes_the_catalog(client):
    schema = yaml.safe_load(client.get("/api/v1/schema").content)

    assert schema["openapi"].startswith("3.1")
    operation = schema["paths"]["/api/v1/apis/{slug}/versions/{label}/operations"]["get"]
    assert operation["operationId"] == "listOperations"


def test_the_reference_loads_its_script_from_us(client):
    page = client.get("/api/v1/docs")
    script = client.get("/api/v1/docs?script=")

    assert page.status_code == 200
    assert "<script>" not in page.content.decode()
    assert "<style" not in page.content.decode()
    assert "img-src 'self' data:" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    assert script["Content-Type"].startswith("application/javascript")
