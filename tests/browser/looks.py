"""What is wrong with a page, seen on a desk and on a phone, by day and by night."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from portal.accounts.models import User
from tests.browser.sessions import cookies_of

SHOTS = os.environ.get("PORTAL_SHOTS", "")
WIDTHS = {"wide": 1440, "narrow": 390}
THEMES = ("light", "dark")
AXE = {"preload": False, "resultTypes": ["violations"]}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def opened(browser: Browser, live_server, who: User | None = None, **options: object) -> Page:
    """Return an empty page in a browser of `who`, signed in already."""
    context = browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce", **options})
    if who is not None:
        context.add_cookies(cookies_of(who, live_server))
    return context.new_page()


def look_at(
    browser: Browser,
    live_server,
    who: User | None,
    addresses: dict[str, str],
    **options: object,
) -> list[str]:
    """Return what is wrong with the pages that `who` opens, and what the console had to say."""
    page = opened(browser, live_server, who, **options)
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text))
    for name, address in addresses.items():
        answer = page.goto(address if "://" in address else f"{live_server.url}{address}")
        assert answer is not None
        if answer.status != 200:
            found.append(f"{name}: answered {answer.status}")
        found += objections(page, name)
    page.context.close()
    return found


def objections(page: Page, name: str) -> list[str]:
    """Return what axe and the page's edges have to say, at each width and in each theme.

    The page is as it was at the end, but for its width: what was typed and opened stays. With
    PORTAL_SHOTS a picture of each look is kept in that directory.
    """
    before = page.viewport_size
    found = []
    for size, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found += objections_now(page, f"{name}-{size}-{theme}")
    page.set_viewport_size(before)
    return found


def objections_now(page: Page, title: str) -> list[str]:
    """Return what is wrong with the page as it is shown now."""
    page.wait_for_load_state()
    page.evaluate(PAINTED)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{title}.png", full_page=True)
    violations = Axe().run(page, options=AXE).response["violations"]
    found = [
        f"{title}: {one['id']} {[node['target'] for node in one['nodes']]}" for one in violations
    ]
    if page.evaluate(OVERFLOW) > 0:
        found.append(f"{title}: wider than the window")
    return found
