"""Uploading a description in Chromium, with JavaScript and without, and the pages around it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from catalog.imports.actions import Wanted, request_import
from catalog.imports.feeding import add_source
from catalog.imports.models import ImportJob
from catalog.imports.work import work_through
from catalog.specs.actions import import_document
from portal.access.actors import SYSTEM, Role
from portal.accounts.models import User
from tests.browser.looks import look_at, opened
from tests.catalog.specs.documents import api, raw
from tests.catalog.specs.kinds.samples import ASYNC_2, GRAPHQL
from tests.factories.people import staff, user_of

FORM = "/console/apis/import/"
FILE = {"name": "people.json", "mimeType": "application/json"}

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ines() -> User:
    return user_of(staff(Role.CATALOG))


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_an_upload_is_followed_to_its_end(browser, live_server, ines, javascript):
    page = opened(browser, live_server, ines, java_script_enabled=javascript)
    page.goto(f"{live_server.url}{FORM}")

    page.get_by_label("File").set_input_files([{**FILE, "buffer": raw(api())}])
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("It waits for its turn")).to_be_visible()
    work_through()

    # By asking for its middle again, or by loading itself anew: nobody has to press anything.
    expect(page.get_by_text("People v1 was read")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="See what was found").click()
    expect(page.get_by_text("Every rule is kept.")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_an_import_can_be_cancelled(browser, live_server, ines, javascript):
    page = opened(browser, live_server, ines, java_script_enabled=javascript)
    page.goto(f"{live_server.url}{FORM}")
    page.get_by_label("File").set_input_files([{**FILE, "buffer": raw(api())}])
    page.get_by_role("button", name="Import").click()

    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_text("It was cancelled")).to_be_visible()
    assert ImportJob.objects.get().status == ImportJob.Status.CANCELLED


def test_the_pages_are_accessible_and_fit(browser, live_server, ines):
    waiting, _ = request_import(
        [Wanted(name="waiting.json", body=b"{}")], by=SYSTEM, origin="upload", name="waiting.json"
    )
    job, _ = request_import(
        [Wanted(name=f"{n}.json", body=body) for n, body in enumerate((raw(api()), b"{"))],
        by=SYSTEM,
        origin="command",
        name="A folder with a name that is rather long, as folders of strangers tend to be",
    )
    work_through()
    ImportJob.objects.filter(pk=waiting.pk).update(status="working", ended_at=None)
    place = "https://kestrel.example/descriptions/of/everything/that/there/is.json"
    source = add_source(by=SYSTEM, kind="address", url=place, interval_hours=24)
    events = import_document(ASYNC_2.encode(), by=SYSTEM, source="x").version
    graph = import_document(GRAPHQL.encode(), by=SYSTEM, source="x").version
    pages = {
        "import-form": FORM,
        "import-jobs": f"{FORM}jobs/",
        "import-job": job.get_absolute_url(),
        "import-working": waiting.get_absolute_url(),
        "import-sources": f"{FORM}sources/",
        "import-source": source.get_absolute_url(),
        "import-new-source": f"{FORM}sources/new/",
        "kind-asyncapi": events.get_absolute_url(),
        "kind-graphql": graph.get_absolute_url(),
        "kind-part": f"{graph.get_absolute_url()}{graph.parts.get(name='redirect').slug}/",
    }

    assert look_at(browser, live_server, ines, pages) == []
