"""How long the list of a customer's apps takes to open, after ten years of them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import requests

from benchmarks.figures import Figure, within
from tests.stack import Stack

LIMIT_MS = 200
ROUNDS = 20


def dashboard_figures(stack: Stack) -> list[Figure]:
    """Measure the first page of 500 arrangements, read daily for a year, as a browser waits."""
    built = subprocess.run(
        [sys.executable, "-m", "benchmarks.decade"],
        env=stack.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    cookie, session = built.stdout.split()[-2:]
    with requests.Session() as browser:
        browser.cookies.set(cookie, session)
        took = [_open(browser, f"{stack.portal}/me/apps/") for _ in range(ROUNDS + 2)][2:]
    return [
        within("list of 500 arrangements", statistics.median(took), limit=LIMIT_MS, unit="ms"),
    ]


def _open(browser: requests.Session, url: str) -> float:
    begun = time.perf_counter()
    answer = browser.get(url, timeout=30)
    took = (time.perf_counter() - begun) * 1000
    assert answer.text.count('<article class="card">') > 1, answer.url
    return took
