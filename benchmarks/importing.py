"""How long importing takes, how large its workers become, and how soon a large one is there."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urljoin

import psutil

from benchmarks.figures import Figure, within
from portal.demo import services
from tests.flows.person import Person
from tests.shared_documents import ROOT
from tests.stack import PASSWORD, Stack

ALL_SECONDS = 60
WORKER_MEGABYTES = 600
LARGEST_SECONDS = 15
LARGEST = "github.com__ghes-3.6__1.1.4.json"
MEGABYTE = 1024 * 1024


def import_figures(stack: Stack) -> tuple[list[Figure], list[str]]:
    if not ROOT.is_dir():
        return [], ["The public descriptions are not here: the import is left out."]
    worker = stack.service("worker")
    # Two workers are measured, not those two and another one.
    worker.stop()
    stack.running.remove(worker)
    seconds, megabytes, told = _import_all(stack)
    stack.running.append(services.start_worker(stack.environment, home=stack.home))
    figures = [
        within("import of the public descriptions", seconds, limit=ALL_SECONDS, unit="s"),
        within("largest process of it", megabytes, limit=WORKER_MEGABYTES, unit="MB"),
        within("4 MB from upload to browsable", _upload(stack), limit=LARGEST_SECONDS, unit="s"),
    ]
    return figures, [told]


def _import_all(stack: Stack) -> tuple[float, float, str]:
    """Return seconds, megabytes of the largest process, and what the command said at its end."""
    command = [sys.executable, "manage.py", "import_specs", str(ROOT / "public"), "--workers", "2"]
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=stack.environment, stdout=subprocess.PIPE, text=True)
    largest = [0.0]
    watch = threading.Thread(target=_watch, args=(process.pid, largest))
    watch.start()
    said, _ = process.communicate()
    took = time.perf_counter() - begun
    watch.join()
    if process.returncode:
        raise RuntimeError("The import broke.")
    return took, largest[0], said.strip().rpartition("\n")[2]


def _watch(pid: int, largest: list[float]) -> None:
    """Look often how large the command and each process that it starts is."""
    try:
        command = psutil.Process(pid)
        while command.is_running() and command.status() != psutil.STATUS_ZOMBIE:
            for one in [command, *command.children(recursive=True)]:
                try:
                    largest[0] = max(largest[0], one.memory_info().rss / MEGABYTE)
                except psutil.NoSuchProcess:
                    continue
            time.sleep(0.02)
    except psutil.NoSuchProcess:
        return


def _upload(stack: Stack) -> float:
    """Upload the large one as a person does; return the seconds until its own page is there."""
    ines = Person(stack.portal)
    ines.sign_in("ines@meridian.example", PASSWORD)
    # Another document than the one that was read before: one more space makes other bytes.
    body = Path(ROOT / "public" / LARGEST).read_bytes() + b" "
    ines.open("/console/apis/import/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', ines.page)
    if token is None:
        raise RuntimeError("The form is not there.")
    begun = time.perf_counter()
    answer = ines.session.post(
        ines.url,
        data={"csrfmiddlewaretoken": token[1]},
        files={"file": ("large.json", body, "application/json")},
        headers={"Referer": ines.url},
        allow_redirects=False,
        timeout=60,
    )
    job = urljoin(stack.portal, answer.headers["Location"])
    while (found := re.search(r'href="(/console/apis/[\w-]+/)\?version=', ines.open(job))) is None:
        if time.perf_counter() - begun > 10 * LARGEST_SECONDS or "could not be read" in ines.page:
            raise RuntimeError("The large description was not read.")
        time.sleep(0.05)
    address = found[1].replace("/console/apis/", "/apis/")
    ines.open(address)
    return time.perf_counter() - begun
