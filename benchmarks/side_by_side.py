"""The same large description on our pages and in three programs that draw it in the browser.

Each is asked what a reader asks: open the link to an operation, and begin to read what it does. The
first operation of the document and the 500th are opened with nothing in the browser's cache.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as BrowserError

from benchmarks.figures import Figure
from benchmarks.shelf import PEERS, Wanted, install, read_operations, shelf
from tests.shared_documents import ROOT
from tests.stack import Stack

DOCUMENT = "github.com__ghes-3.6__1.1.4.json"
PLACES = {"first": 0, "500th": 499}
ROUNDS = 3
# Nobody waits for longer, and the whole ends within a quarter of an hour.
LONGEST = 90
_CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
# Whether these words stand in the part of the page that the reader sees.
_IS_READABLE = """words => {
  if (!document.body) return false;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    if (!texts.currentNode.data.replace(/\\s+/g, " ").includes(words)) continue;
    const range = document.createRange();
    range.selectNode(texts.currentNode);
    const box = range.getBoundingClientRect();
    if (box.height > 0 && box.bottom > 0 && box.top < innerHeight) return true;
  }
  return false;
}"""


def side_by_side_figures(stack: Stack) -> tuple[list[Figure], list[str]]:
    document, chromium = ROOT / "public" / DOCUMENT, shutil.which("chromium")
    if not document.is_file():
        return [], ["The public descriptions are not here: the references are left out."]
    if chromium is None:
        return [], ["Chromium is not installed: the references are left out."]
    if reason := install():
        return [], [f"The references beside ours are left out: {reason}."]
    pages = _ours(stack, document)
    operations = read_operations(document)
    figures: list[Figure] = []
    with shelf(document) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*_CHROMIUM])
        for place, number in PLACES.items():
            wanted = operations[number]
            addresses = {peer.name: peer.address(base, wanted) for peer in PEERS}
            addresses["ours"] = f"{stack.portal}{pages[f'{wanted.method.upper()} {wanted.path}']}"
            figures += _figures(place, _rounds(browser, addresses, wanted))
        browser.close()
    size = document.stat().st_size / 1_000_000
    note = (
        f"{DOCUMENT}: {size:.1f} MB, {len(operations)} operations; median of {ROUNDS} visits with"
        f" an empty cache; {LONGEST * 1000} ms means that it was not there within {LONGEST} s."
    )
    return figures, [note]


def _ours(stack: Stack, document: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.one_document", str(document)],
        env=stack.environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    pages: dict[str, str] = json.loads(done.stdout)
    return pages


def _rounds(browser: Browser, addresses: dict[str, str], wanted: Wanted) -> dict[str, list[float]]:
    """Visit each in turn, the next round backwards; return the milliseconds of each."""
    took: dict[str, list[float]] = {name: [] for name in addresses}
    names = list(addresses)
    for turn in range(ROUNDS):
        for name in names if turn % 2 == 0 else reversed(names):
            # Who was not there within the time will not be the next time either.
            if LONGEST * 1000 not in took[name]:
                took[name].append(_visit(browser, addresses[name], wanted.words))
    return took


def _visit(browser: Browser, address: str, words: str) -> float:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    try:
        page = context.new_page()
        begun = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_function(_IS_READABLE, arg=words, polling=50, timeout=LONGEST * 1000)
        return (time.perf_counter() - begun) * 1000
    except BrowserError:
        return LONGEST * 1000
    finally:
        context.close()


def _figures(place: str, took: dict[str, list[float]]) -> list[Figure]:
    ours = statistics.median(took.pop("ours"))
    name = f"{place} operation, until it can be read"
    return [
        Figure(name, ours, peer, theirs, "ms", theirs / ours)
        for peer, measured in took.items()
        for theirs in [statistics.median(measured)]
    ]
