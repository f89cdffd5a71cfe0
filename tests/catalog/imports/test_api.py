"""The REST face of importing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook
from werkzeug import Request, Response

from catalog.apis.models import Api
from catalog.imports.actions import Wanted, request_import
from catalog.imports.calling import send_due_callbacks
from catalog.imports.models import Callback, ImportJob
from catalog.imports.work import work_through
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


def send(client, body: bytes, content_type: str = "application/json", query: str = ""):
    return client.post(f"/api/v1/specs{query}", body, content_type=content_type)


def finished(client, response) -> dict[str, Any]:
    """Let the workers work, and ask at the address that the answer named."""
    work_through()
    return client.get(response.headers["Location"]).json()


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize("content_type", ["application/json", "application/yaml", "text/plain"])
def test_the_body_is_the_document(client, content_type):
    response = send(client, raw(api(servers=[])), content_type)

    assert response.status_code == 202
    assert response.json()["status"] == "waiting"
    told = finished(client, response)
    (document,) = told["documents"]
    assert (told["status"], told["document_count"], told["ended_count"]) == ("done", 1, 1)
    assert (document["api"], document["version"], document["grade"]) == ("people", "v1", "A")
    spec = client.get(f"/api/v1/specs/{document['spec']}").json()
    assert spec["findings"][0]["rule"] == "server-missing"


@pytest.mark.usefixtures("ines")
def test_the_body_may_name_an_address(client, httpserver):
    httpserver.expect_request("/people.yaml").respond_with_data(raw(api()))

    response = send(client, json.dumps({"url": httpserver.url_for("/people.yaml")}).encode())

    assert response.status_code == 202
    assert finished(client, response)["documents"][0]["api"] == "people"
    assert SpecRevision.objects.get().source == httpserver.url_for("/people.yaml")


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b"{", "bad_json"),
        (b"[" * 3000, "too_deep"),
        (b'{"hello": 1}', "not_openapi"),
    ],
    ids=["nothing", "half", "deep", "another thing"],
)
def test_what_cannot_be_read_fails_its_job_with_a_code(client, body, code):
    told = finished(client, send(client, body))

    assert told["status"] == "failed"
    assert told["documents"][0]["status"] == "refused"
    assert told["documents"][0]["reason_code"] == code
    assert told["documents"][0]["reason"]
    assert not Api.objects.exists()


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"url": "https://169.254.169.254/"}', 422, "address_blocked"),
        (b'{"url": "file:///etc/passwd"}', 400, "invalid"),
        (b'{"url": 7}', 400, "invalid"),
    ],
    ids=["inside", "a file", "a number"],
)
def test_an_address_that_is_none_is_refused_at_once(client, body, status, code):
    response = send(client, body)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert not ImportJob.objects.exists()


@pytest.mark.usefixtures("ines")
def test_a_callback_is_signed_with_a_secret_that_is_told_once(client, httpserver):
    heard = []

    def hear(request: Request) -> Response:
        heard.append((request.get_data(as_text=True), dict(request.headers)))
        return Response(status=204)

    httpserver.expect_request("/done", method="POST").respond_with_handler(hear)
    asked = send(client, raw(api()), query=f"?callback_url={httpserver.url_for('/done')}")
    secret = asked.json()["callback_secret"]

    told = finished(client, asked)
    assert send_due_callbacks() == 1
    assert send_due_callbacks() == 0

    ((body, headers),) = heard
    said = Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
    assert said["data"] == {
        "import": told["id"], "status": "done", "read": 1, "unchanged": 0, "refused": 0,
    }  # fmt: skip
    assert "callback_secret" not in told
    assert secret not in str(list(Callback.objects.values()))


@pytest.mark.usefixtures("ines")
def test_a_callback_that_fails_is_tried_again_with_the_same_body(client, httpserver):
    httpserver.expect_request("/done", method="POST").respond_with_data("", status=500)
    finished(client, send(client, raw(api()), query=f"?callback_url={httpserver.url_for('/done')}"))

    assert send_due_callbacks() == 0

    callback = Callback.objects.get()
    assert (callback.status, callback.attempt_count) == ("waiting", 1)
    assert callback.next_attempt_at > timezone.now()
    Callback.objects.update(next_attempt_at=timezone.now())
    httpserver.clear()
    httpserver.expect_request("/done", method="POST").respond_with_data("", status=204)
    assert send_due_callbacks() == 1


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize(
    "url",
    ["https://10.0.0.7/done", "http://kestrel.example/done", "file:///etc/passwd"],
    ids=["inside", "without TLS", "a file"],
)
def test_a_callback_never_leads_inside(client, url):
    response = send(client, raw(api()), query=f"?callback_url={url}")

    assert response.status_code in {400, 422}
    assert not ImportJob.objects.exists()


@pytest.mark.usefixtures("ines")
def test_a_program_may_cancel_what_waits(client):
    asked = send(client, raw(api()))

    cancelled = client.post(f"{asked.headers['Location']}/cancellation")

    assert cancelled.json()["status"] == "cancelled"
    assert finished(client, asked)["documents"][0]["status"] == "cancelled"
    assert not Api.objects.exists()
    assert client.post(f"{asked.headers['Location']}/cancellation").status_code == 409


@pytest.mark.usefixtures("ines")
def test_a_body_that_is_too_large_is_refused_while_it_is_read(client, settings):
    settings.SPEC_MAX_BYTES = 100

    response = send(client, raw(api()))

    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert not SpecRevision.objects.exists()


@pytest.mark.usefixtures("ines")
def test_a_body_larger_than_a_form_may_be_is_read(client):
    document = api(**{"x-padding": "x" * 3_000_000})

    assert finished(client, send(client, raw(document)))["status"] == "done"


@pytest.mark.parametrize(("role", "status"), [(None, 404), (Role.REVIEWER, 403)])
def test_only_who_keeps_the_catalog_may_import_or_read(client, role, status):
    revision = import_document(raw(api()), by=SYSTEM, source="people.json")
    job, _ = request_import(
        [Wanted(name="x", body=b"{}")], by=SYSTEM, origin=ImportJob.Origin.UPLOAD, name="x"
    )
    client.force_login(user_of(staff(role)) if role else UserFactory())

    assert send(client, raw(api())).status_code == 403
    assert client.get(f"/api/v1/specs/{revision.pk}").status_code == status
    assert client.get(f"/api/v1/imports/{job.number}").status_code == status
    assert client.post(f"/api/v1/imports/{job.number}/cancellation").status_code == status


def test_a_visitor_is_not_let_in(client):
    assert send(client, raw(api())).status_code in {401, 403}


@pytest.mark.usefixtures("ines")
def test_an_unknown_import_is_not_found(client):
    assert client.get("/api/v1/specs/999").status_code == 404
