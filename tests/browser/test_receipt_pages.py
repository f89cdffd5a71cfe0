"""Checking a receipt and reading the notice in Chromium, as whoever comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent.arrangements.models import Receipt
from consent.arrangements.receipts import canonical
from consent.receipts.checking import signed_form
from portal.demo.notice import PRIVACY_NOTICE
from tests.browser.looks import objections, opened
from tests.factories.consent import share
from tests.factories.notices import published

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


def test_the_page_is_fine_at_every_width_and_in_every_state(
    live_server, browser, receipt, tmp_path
):
    page = opened(browser, live_server)
    files = files_of(receipt, tmp_path)
    address = f"{live_server.url}/verify/"

    page.goto(address)
    found = objections(page, "verify")
    for name, words in (
        ("plain", f"{receipt.number} is genuine"),
        ("changed", f"{receipt.number} was changed"),
    ):
        page.goto(address)
        page.get_by_label("The receipt’s file").set_input_files(files[name])
        with page.expect_navigation():
            page.get_by_role("button", name="Check", exact=True).click()
        assert words in page.get_by_role("status").inner_text()
        found += objections(page, f"verify-{name}")
    page.goto(f"{live_server.url}/verify/MR-2026-999999/{'0' * 64}/")
    found += objections(page, "verify-unknown")
    page.goto(address)
    with page.expect_navigation():
        page.get_by_role("button", name="Check", exact=True).click()
    assert "Choose a file" in page.get_by_role("main").inner_text()
    found += objections(page, "verify-nothing")

    assert found == []


def test_without_scripts_a_pasted_receipt_is_checked_as_well(live_server, browser, receipt):
    page = browser.new_context(java_script_enabled=False).new_page()

    page.goto(f"{live_server.url}/verify/")
    page.get_by_label("Or its text").fill(signed_form(receipt))
    page.get_by_role("button", name="Check", exact=True).click()

    assert f"{receipt.number} is genuine" in page.get_by_role("main").inner_text()


@pytest.mark.parametrize("language", PRIVACY_NOTICE)
def test_the_notice_is_fine_in_each_language(live_server, browser, language):
    published(words=PRIVACY_NOTICE)
    page = opened(browser, live_server, locale=language)

    page.goto(f"{live_server.url}/privacy/")

    assert PRIVACY_NOTICE[language].title in page.get_by_role("heading", level=1).inner_text()
    assert objections(page, f"notice-{language}") == []
