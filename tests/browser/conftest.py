from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.stack import require_program


@pytest.fixture
def browser(monkeypatch):
    """Return the system's Chromium; its loop in this thread must not keep Django from working."""
    require_program("chromium")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        yield opened
        opened.close()
