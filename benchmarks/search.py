"""How fast a catalog of a thousand descriptions answers: search, operations, its front."""

from __future__ import annotations

import http.client
import itertools
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from benchmarks import machine
from benchmarks.figures import Figure, within
from tests.shared_documents import ROOT
from tests.stack import Stack

USERS = 16
SECONDS = 30
# A person who types pauses for so long before the results are asked for again.
PAUSE = 0.5
SEARCH_MS, OPERATION_MS, FRONT_MS, OPERATION_KB = 30, 50, 30, 100
# Rare and common words, beginnings, two words, paths, methods, scopes and slips of the fingers.
QUESTIONS = (
    "refill", "webhook secret", "payment", "customer account", "user", "name", "repository",
    "pre", "prescr", "organization member role", "GET /repos", "POST payment", "createdAt",
    "prescriptions:read", "invoice", "list", "token", "airport", "perscription", "repositry",
    "project issue", "zzzqqq", "/users/{id}", "currency", "cluster",
)  # fmt: skip


def search_figures(stack: Stack) -> tuple[list[Figure], list[str]]:
    """Measure what 16 people wait for who type, pause and read; each waits from its own thread."""
    if not ROOT.is_dir():
        return [], ["The public descriptions are not here: the search is left out."]
    loaded = subprocess.run(
        [sys.executable, "-m", "benchmarks.multitude"],
        env=stack.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    versions, operations, fields, documents, indexed = loaded.stdout.split()
    pages = [page for (page,) in stack.sql(_PAGES)]
    web = stack.service("web").process.pid
    asked = {
        "search": (_searches(), SEARCH_MS),
        "an operation's page": (_each(pages), OPERATION_MS),
        "the catalog's front": (itertools.repeat(("/apis/", {})), FRONT_MS),
    }
    figures: list[Figure] = []
    held = f"The catalog held {versions} versions, {operations} operations, {fields} fields"
    notes = [f"{held}; {documents} documents of the search, indexed in {indexed} s."]
    for name, (requests, limit) in asked.items():
        base = stack.portal
        begun, busy, ours = time.perf_counter(), machine.busy(), machine.worked([web])
        took, largest = _measured(base, requests)
        passed = time.perf_counter() - begun
        worked = machine.worked([web]) - ours
        others = (machine.busy() - busy - worked) / (passed * 2)
        took.sort()
        p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
        figures.append(within(f"{name}, {USERS} people, p95", p95, limit=limit, unit="ms"))
        notes.append(
            f"{name}: {len(took)} answers, p50 {p50:.1f} ms, {1000 * worked / len(took):.1f} ms of"
            f" the web processes' time each, {others:.0%} of the machine at other work"
            " (PostgreSQL and the load among it)."
        )
        if name.startswith("an operation"):
            figures.append(
                within("largest operation's page", largest / 1000, limit=OPERATION_KB, unit="kB")
            )
    return figures, notes


# The longest pages are asked for most: they are what a limit is for.
_PAGES = """
(SELECT '/apis/' || a.slug || '/' || v.label || '/' || o.slug || '/'
 FROM apis_operation o JOIN apis_apiversion v ON v.id = o.version_id
 JOIN apis_api a ON a.id = v.api_id
 ORDER BY length(o.parameters::text || o.request_body::text || o.responses::text) DESC LIMIT 100)
UNION ALL
(SELECT '/apis/' || a.slug || '/' || v.label || '/' || o.slug || '/'
 FROM apis_operation o JOIN apis_apiversion v ON v.id = o.version_id
 JOIN apis_api a ON a.id = v.api_id
 ORDER BY md5(o.id::text) LIMIT 400)
"""


def _searches() -> Iterator[tuple[str, dict[str, str]]]:
    """Return questions as they are typed, and now and then one that is sent off."""
    chance = random.Random(7)  # noqa: S311 - the same questions each time
    while True:
        question = chance.choice(QUESTIONS)
        headers = {} if chance.random() < 0.25 else {"HX-Request": "true"}
        yield f"/apis/search/?q={quote(question)}", headers


def _each(pages: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    chance = random.Random(7)  # noqa: S311 - the same pages each time
    while True:
        yield chance.choice(pages), {}


def _measured(base: str, requests: Iterator[tuple[str, dict[str, str]]]) -> tuple[list[float], int]:
    took: list[float] = []
    sizes: list[int] = []
    failed: list[str] = []
    lock = threading.Lock()
    end = time.perf_counter() + SECONDS

    def person(number: int) -> None:
        address = urlsplit(base)
        line = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        time.sleep(PAUSE * number / USERS)
        while time.perf_counter() < end and not failed:
            with lock:
                path, headers = next(requests)
            begun = time.perf_counter()
            line.request("GET", path, headers=headers)
            answer = line.getresponse()
            body = answer.read()
            spent = (time.perf_counter() - begun) * 1000
            if answer.status != 200:
                failed.append(f"{path}: {answer.status}")
            with lock:
                took.append(spent)
                sizes.append(len(body))
            time.sleep(PAUSE)

    people = [threading.Thread(target=person, args=[number]) for number in range(USERS)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    if failed:
        raise RuntimeError(failed[0])
    return took, max(sizes)
