from __future__ import annotations

import shutil
from threading import Thread

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.asking import App, make_refill
from tests.factories.consent import CustomerFactory
from tests.stack import require_program


@pytest.fixture(scope="module")
def browser():
    """Return the system's Chromium; its loop in this thread must not keep Django from working."""
    require_program("chromium")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield opened
        opened.close()


@pytest.fixture
def refill(db):
    return make_refill()


@pytest.fixture
def leila(db):
    return CustomerFactory(user__name="Leila Haddad").user


@pytest.fixture
def app(refill):
    with App() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        refill.redirect_uris = server.callback
        refill.save()
        yield server
        server.shutdown()
