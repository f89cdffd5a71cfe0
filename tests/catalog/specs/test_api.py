"""The REST face of importing."""

from __future__ import annotations

import json

import pytest

from catalog.apis.models import Api
from catalog.specs.actions import import_document
from catalog.specs.models import SpecRevision
from portal.access.actors import SYSTEM, Role
from tests.catalog.specs.documents import api, raw
from tests.factories.people import UserFactory, staff, user_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines(client):
    actor = staff(Role.CATALOG)
    client.force_login(user_of(actor))
    return actor


def send(client, body: bytes, content_type: str = "application/json"):
    return client.post("/api/v1/specs", body, content_type=content_type)


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize("content_type", ["application/json", "application/yaml", "text/plain"])
def test_the_body_is_the_document(client, content_type):
    response = send(client, raw(api(servers=[])), content_type)

    told = response.json()
    assert response.status_code == 201
    assert (told["api"], told["version"], told["grade"]) == ("people", "v1", "A")
    assert told["findings"][0]["rule"] == "server-missing"
    assert client.get(f"/api/v1/specs/{told['id']}").json() == told


@pytest.mark.usefixtures("ines")
def test_the_body_may_name_an_address(client, httpserver):
    httpserver.expect_request("/people.yaml").respond_with_data(raw(api()))

    response = send(client, json.dumps({"url": httpserver.url_for("/people.yaml")}).encode())

    assert response.status_code == 201
    assert response.json()["source"] == httpserver.url_for("/people.yaml")


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "empty"),
        (b"{", 422, "bad_json"),
        (b"[" * 3000, 422, "too_deep"),
        (b'{"hello": 1}', 422, "not_openapi"),
        (b'{"url": "https://169.254.169.254/"}', 422, "address_blocked"),
        (b'{"url": "file:///etc/passwd"}', 400, "invalid"),
        (b'{"url": 7}', 400, "invalid"),
    ],
)
def test_a_refusal_is_a_problem_with_a_code(client, body, status, code):
    response = send(client, body)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert not Api.objects.exists()


@pytest.mark.usefixtures("ines")
def test_a_body_that_is_too_large_is_refused_while_it_is_read(client, settings):
    settings.SPEC_MAX_BYTES = 100

    response = send(client, raw(api()))

    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert not SpecRevision.objects.exists()


@pytest.mark.usefixtures("ines")
def test_a_body_larger_than_a_form_may_be_is_read(client):
    document = api(**{"x-padding": "x" * 3_000_000})

    assert send(client, raw(document)).status_code == 201


@pytest.mark.parametrize(("role", "status"), [(None, 404), (Role.REVIEWER, 403)])
def test_only_who_keeps_the_catalog_may_import_or_read(client, role, status):
    revision = import_document(raw(api()), by=SYSTEM, source="people.json")
    client.force_login(user_of(staff(role)) if role else UserFactory())

    assert send(client, raw(api())).status_code == 403
    assert client.get(f"/api/v1/specs/{revision.pk}").status_code == status


def test_a_visitor_is_not_let_in(client):
    assert send(client, raw(api())).status_code in {401, 403}


@pytest.mark.usefixtures("ines")
def test_an_unknown_import_is_not_found(client):
    assert client.get("/api/v1/specs/999").status_code == 404
