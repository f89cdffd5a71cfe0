"""What was written to break the reader, through each of the three doors."""

from __future__ import annotations

import socket

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client as Browser
from django.utils.html import escape

from catalog.imports.work import work_through
from catalog.specs import parser
from catalog.specs.models import Finding, SpecRevision
from portal import outbound
from portal.access.actors import Role
from portal.events.models import Event
from tests.catalog.specs.documents import api, raw
from tests.catalog.specs.hostile import DOCUMENTS, Document
from tests.factories.people import staff, user_of

pytestmark = pytest.mark.django_db

each = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
# Behind the doors is one reader: the others are shown one document of each reason.
one_of_each = pytest.mark.parametrize(
    "document",
    {document.code: document for document in reversed(DOCUMENTS)}.values(),
    ids=lambda document: document.name,
)


@pytest.fixture
def ines():
    browser = Browser()
    browser.force_login(user_of(staff(Role.CATALOG)))
    return browser


@pytest.fixture(autouse=True)
def dialled(monkeypatch) -> list[object]:
    """Keep whatever this process asks a name server for or connects to."""
    asked: list[object] = []

    def resolve(host: object, *_: object, **__: object) -> object:
        asked.append(host)
        raise OSError

    def connect(address: object, *_: object, **__: object) -> object:
        asked.append(address)
        raise OSError

    monkeypatch.setattr(outbound.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    return asked


def rows() -> dict[str, int]:
    """Count what every table of the catalog holds."""
    models = [
        model
        for label in ("apis", "scopes", "plans", "specs")
        for model in apps.get_app_config(label).get_models()
    ]
    return {model._meta.label: model.objects.count() for model in models}


def assert_kept(document: Document, before: dict[str, int]) -> None:
    """Look for one revision: rejected, with its reason and nothing beside it, or read."""
    revision = SpecRevision.objects.get()
    assert revision.reason_code == document.code
    assert bytes(revision.raw) == document.body
    assert set(document.rules) <= set(Finding.objects.values_list("rule", flat=True))
    if document.code:
        assert rows() == before | {"specs.SpecRevision": 1}
        assert revision.reason
        reasons = Event.objects.filter(kind="catalog.spec.rejected")
        assert list(reasons.values_list("facts__reason", flat=True)) == [document.code]
    else:
        assert revision.status == SpecRevision.Status.CURRENT
        assert revision.operation_count <= parser.MAX_OPERATIONS


@each
def test_through_the_api(ines, dialled, document):
    before = rows()

    response = ines.post("/api/v1/specs", document.body, content_type="application/json")
    work_through()

    assert response.status_code == 202
    job = ines.get(response["Location"]).json()
    (told,) = job["documents"]
    assert told["reason_code"] == document.code
    assert job["status"] == ("failed" if document.code else "done")
    if not document.code:
        page = ines.get(f"/console/apis/{told['api']}/")
        assert page.status_code == 200
        assert ines.get(f"/api/v1/specs/{told['spec']}").status_code == 200
    assert_kept(document, before)
    assert dialled == []


@one_of_each
def test_through_the_form(ines, dialled, document):
    before = rows()
    file = SimpleUploadedFile("../../etc/passwd\x00.json", document.body, "application/x-thing")

    response = ines.post("/console/apis/import/", {"file": file, "url": ""})

    if document.name == "empty":  # The form itself says so, and keeps nothing.
        assert response.status_code == 422
        assert "The submitted file is empty." in response.content.decode()
        assert rows() == before
        return
    work_through()
    page = ines.get(response["Location"])
    assert page.status_code == 200
    if document.code:
        assert escape(SpecRevision.objects.get().reason) in page.content.decode()
    assert SpecRevision.objects.get().source.isprintable()
    assert "/" not in SpecRevision.objects.get().source
    assert_kept(document, before)
    assert dialled == []


@one_of_each
def test_through_the_command(tmp_path, capsys, dialled, document):
    before = rows()
    (tmp_path / f"{document.name}.json").write_bytes(document.body)

    call_command("import_specs", str(tmp_path))

    told = capsys.readouterr().out
    assert "1 documents" in told
    assert ("Not read: 1." if document.code else "Not read: 0.") in told
    assert f"{document.name}.json" in told
    assert document.code in told
    assert_kept(document, before)
    assert dialled == []


# --- Around the document -------------------------------------------------------------------------


@pytest.fixture
def cap(settings) -> int:
    settings.SPEC_MAX_BYTES = 5000
    return 5000


def test_what_is_too_large_is_refused_at_each_door_and_what_was_typed_stays(
    ines, cap, tmp_path, capsys
):
    before = rows()
    body = raw(api(**{"x-padding": "x" * cap}))
    file = SimpleUploadedFile("big.json", body)
    (tmp_path / "big.json").write_bytes(body)

    answer = ines.post("/api/v1/specs", body, content_type="application/json")
    page = ines.post("/console/apis/import/", {"file": file, "url": ""})
    typed = ines.post("/console/apis/import/", {"file": file, "url": "https://a.example/x"})
    call_command("import_specs", str(tmp_path))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert page.status_code == 422
    assert "Choose a file under 5,000 bytes." in page.content.decode()
    assert 'value="https://a.example/x"' in typed.content.decode()
    assert "too_large" in capsys.readouterr().out
    assert rows() == before


def test_a_body_beyond_every_form_is_refused_before_it_is_read(ines):
    before = rows()
    length = settings.MAX_BODY_BYTES + 1

    for path, kind, told in (
        ("/console/apis/import/", "text/html", "too_large"),
        ("/api/v1/specs", "application/problem+json", "too_large"),
    ):
        answer = ines.post(path, b"{}", content_type="application/json", CONTENT_LENGTH=str(length))
        assert answer.status_code == 413
        assert answer["Content-Type"].startswith(kind)
        assert told in answer.content.decode()
    assert rows() == before


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://017700000001/",
        "https://[::ffff:127.0.0.1]/",
        "https://user:pass@kestrel.example/",
        "gopher://kestrel.example/",
        "https://kestrel.example:99999/",
    ],
)
def test_an_address_that_is_not_on_the_public_internet_is_never_dialled(
    ines, monkeypatch, capsys, dialled, url
):
    monkeypatch.setattr(settings, "OUTBOUND_ALLOWED_HOSTS", [])

    def literal(host: str, port: int, **_: object) -> object:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (host, port))]

    monkeypatch.setattr(outbound.socket, "getaddrinfo", literal)
    before = rows()

    answer = ines.post("/api/v1/specs", {"url": url}, content_type="application/json")
    page = ines.post("/console/apis/import/", {"url": url})
    call_command("import_specs", url)

    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in {"invalid", "address_blocked"}
    assert page.status_code == 422
    assert url in page.content.decode()
    assert "Not read: 1." in capsys.readouterr().out
    assert rows() == before
    assert dialled == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--y\r\nContent-Disposition: form-data\r\n\r\n"),
        ("multipart/form-data; boundary=" + "x" * 300, b""),
        ("multipart/form-data; boundary=\xff", b""),
        ("application/x-www-form-urlencoded; charset=nonsense", b"url=x"),
        ("application/x-www-form-urlencoded", b"url=%ff%00&file=x"),
        ("", b"\x00"),
        ("text/plain;;;=", b"\xff"),
    ],
)
@pytest.mark.parametrize("path", ["/console/apis/import/", "/api/v1/specs"])
def test_a_wrong_content_type_is_a_refusal_and_no_break(ines, path, content_type, body):
    before = rows()
    checked = Browser(enforce_csrf_checks=True)
    checked.cookies = ines.cookies
    checked.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32

    for browser in (ines, checked):
        answer = browser.generic(
            "POST", path, body, content_type=content_type, headers={"X-CSRFToken": "a" * 32}
        )

        is_taken = path.startswith("/api/") and answer.status_code == 202
        assert is_taken or 400 <= answer.status_code < 500
        if path.startswith("/api/") and not is_taken:
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["code"]
    work_through()
    assert rows() | {"specs.SpecRevision": 0} == before | {"specs.SpecRevision": 0}


def test_file_names_that_are_no_text_are_told_and_stop_nothing(tmp_path, capsys):
    (tmp_path / "a-good.json").write_bytes(raw(api()))
    with (tmp_path / b"b-\xff\xfe.json".decode("utf-8", "surrogateescape")).open("wb") as file:
        file.write(b"{}")
    (tmp_path / "c-loop.json").symlink_to("c-loop.json")
    (tmp_path / "d-dir.json").mkdir()

    call_command(
        "import_specs", str(tmp_path), str(tmp_path / "c-loop.json"), str(tmp_path / "a\x00")
    )

    assert "Grades: A 1. Not read: 4." in capsys.readouterr().out
