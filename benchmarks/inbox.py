"""How long the inbox of staff takes to open with 10,000 things of 1,000 partners in it."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import requests

from benchmarks.figures import Figure, within
from tests.stack import Stack

LIMIT_MS = 150
ROUNDS = 20


def inbox_figures(stack: Stack) -> list[Figure]:
    """Measure its first page, and one deep inside it, as a browser waits."""
    built = subprocess.run(
        [sys.executable, "-m", "benchmarks.full_inbox"],
        env=stack.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    cookie, session = built.stdout.split()[-2:]
    figures = []
    with requests.Session() as browser:
        browser.cookies.set(cookie, session)
        for name, query in (("first page", ""), ("page 200", "?page=200")):
            took = [_open(browser, f"{stack.portal}/console/{query}") for _ in range(ROUNDS + 2)]
            figures.append(
                within(
                    f"inbox of 10,000, {name}",
                    statistics.median(took[2:]),
                    limit=LIMIT_MS,
                    unit="ms",
                )
            )
    return figures


def _open(browser: requests.Session, url: str) -> float:
    begun = time.perf_counter()
    answer = browser.get(url, timeout=30)
    took = (time.perf_counter() - begun) * 1000
    assert answer.text.count('<th scope="row">') >= 25, answer.url
    return took
