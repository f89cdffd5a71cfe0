"""A person in a browser context of their own, and the camera that looks over the shoulder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looks import objections_now
from tests.stack import PASSWORD, Stack

SHOTS = Path(__file__).parent / "shots"
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}


class Visitor:
    """Finds things as people do: by their role and their words."""

    def __init__(self, browser: Browser, stack: Stack, *, javascript: bool = True) -> None:
        self.portal = stack.portal
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.context = browser.new_context(
            viewport=WIDE,
            locale="en-GB",
            color_scheme="light",
            reduced_motion="reduce",
            java_script_enabled=javascript,
        )
        self.page = self.context.new_page()
        self.page.on("console", lambda line: self._hear(line.type, line.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda sent: self.hosts.add(urlsplit(sent.url).netloc))

    def _hear(self, kind: str, text: str) -> None:
        # Chromium also writes down the status of a page that is meant to be an error.
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.complaints.append(f"{self.page.url}: {text}")

    def open(self, path: str, *, status: int = 200) -> Page:
        answer = self.page.goto(path if "://" in path else f"{self.portal}{path}")
        assert answer is not None
        assert answer.status == status, (path, answer.status)
        return self.page

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.main.get_by_role("link", name=name, exact=True).first.click()

    def fill(self, label: str, text: str) -> None:
        self.main.get_by_label(label).fill(text)

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def sees(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()

    def waits_for(self, words: str) -> None:
        """See words that a worker's result brings, a minute later on a busy machine."""
        expect(self.page.get_by_text(words).first).to_be_visible(timeout=60_000)

    def sign_in(self, email: str, *, at: str = "/sign-in/") -> None:
        self.open(at)
        self.fill("Email", email)
        self.fill("Password", PASSWORD)
        self.press("Sign in with password")
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)


class Album:
    """Photographs pages by day, by night and on a phone, and notes what is wrong with them."""

    def __init__(self, first: int) -> None:
        SHOTS.mkdir(exist_ok=True)
        self.number = first
        self.kept: set[str] = set()
        self.objections: list[str] = []

    def keep(self, page: Page, name: str) -> None:
        if name in self.kept:
            return
        self.kept.add(name)
        title = f"{self.number:02d}-{name}"
        self.number += 1
        self._look(page, f"{title}-light")
        page.emulate_media(color_scheme="dark")
        self._look(page, f"{title}-dark")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(NARROW)
        self._look(page, f"{title}-mobile")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.objections.append(f"{title} scrolls sideways")
        page.set_viewport_size(WIDE)

    def _look(self, page: Page, title: str) -> None:
        page.screenshot(path=SHOTS / f"{title}.png", full_page=True)
        self.objections += objections_now(page, title)
