"""Checking a receipt and reading the notice in Chromium, as whoever comes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from consent.arrangements.models import Receipt
from consent.arrangements.receipts import canonical
from consent.receipts.checking import signed_form
from portal.demo.notice import PRIVACY_NOTICE
from tests.factories.consent import share
from tests.factories.notices import published

SHOTS = os.environ.get("PORTAL_SHOTS", "")
WIDTHS = {"wide": 1440, "narrow": 390}
LOOKS = [f"{width}-{scheme}" for width in WIDTHS for scheme in ("light", "dark")]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def receipt():
    return share().versions.get().receipts.get()


def files_of(receipt: Receipt, folder: Path) -> dict[str, Path]:
    """Return a genuine file, its signed form, and one in which a word was changed."""
    raw = canonical(receipt.body)
    written = {
        "plain": raw,
        "signed": signed_form(receipt).encode(),
        "changed": raw.replace(b"explicit", b"implicit"),
    }
    for name, content in written.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in written}


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_is_fine_at_every_width_and_in_every_state(
    live_server, browser, receipt, tmp_path, look
):
    width, scheme = look.split("-")
    page = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",
    ).new_page()
    files = files_of(receipt, tmp_path)
    address = f"{live_server.url}/verify/"

    page.goto(address)
    _fine(page, f"verify-{width}-{scheme}")
    for name, words in (
        ("plain", f"{receipt.number} is genuine"),
        ("changed", f"{receipt.number} was changed"),
    ):
        page.goto(address)
        page.get_by_label("The receipt’s file").set_input_files(files[name])
        page.get_by_role("button", name="Check", exact=True).click()
        assert words in page.get_by_role("status").inner_text()
        _fine(page, f"verify-{name}-{width}-{scheme}")
    page.goto(f"{live_server.url}/verify/MR-2026-999999/{'0' * 64}/")
    _fine(page, f"verify-unknown-{width}-{scheme}")
    page.goto(address)
    page.get_by_role("button", name="Check", exact=True).click()
    assert "Choose a file" in page.get_by_role("main").inner_text()
    _fine(page, f"verify-nothing-{width}-{scheme}")


def test_without_scripts_a_pasted_receipt_is_checked_as_well(live_server, browser, receipt):
    page = browser.new_context(java_script_enabled=False).new_page()

    page.goto(f"{live_server.url}/verify/")
    page.get_by_label("Or its text").fill(signed_form(receipt))
    page.get_by_role("button", name="Check", exact=True).click()

    assert f"{receipt.number} is genuine" in page.get_by_role("main").inner_text()


@pytest.mark.parametrize("language", PRIVACY_NOTICE)
def test_the_notice_is_fine_in_each_language(live_server, browser, language):
    published(words=PRIVACY_NOTICE)
    page = browser.new_context(
        viewport={"width": 390, "height": 900}, locale=language, reduced_motion="reduce"
    ).new_page()

    page.goto(f"{live_server.url}/privacy/")

    assert PRIVACY_NOTICE[language].title in page.get_by_role("heading", level=1).inner_text()
    _fine(page, f"notice-{language}")


def _fine(page, name: str) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
    sideways = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    assert (told, sideways) == ([], 0), name
