"""Real workers that import: killed at work, lose nothing, leave nothing, and do nothing twice."""

from __future__ import annotations

import json
import re
import signal
from urllib.parse import urljoin

import psutil
import pytest

from portal.demo import services
from tests.flows.journey import eventually
from tests.flows.person import Person
from tests.stack import PASSWORD, Stack

pytestmark = [pytest.mark.nginx, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]


def large(title: str) -> bytes:
    """Return a document whose reading takes long enough to be interrupted."""
    person = {f"field{n}": {"type": "string", "description": "x " * 40} for n in range(100)}
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/P"}}}}
    paths = {
        f"/things/{n}": {"get": {"operationId": f"get{n}", "responses": {"200": answer}}}
        for n in range(1500)
    }
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": title, "version": "1"},
            "paths": paths,
            "components": {"schemas": {"P": {"type": "object", "properties": person}}},
        }
    ).encode()


@pytest.fixture(scope="module")
def ines(stack: Stack) -> Person:
    person = Person(stack.portal)
    person.sign_in("ines@meridian.example", PASSWORD)
    return person


def upload(ines: Person, body: bytes, name: str = "api.json") -> str:
    """Return the address of the job that came of it."""
    ines.open("/console/apis/import/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', ines.page)
    assert token is not None
    answer = ines.session.post(
        ines.url,
        data={"csrfmiddlewaretoken": token[1]},
        files={"file": (name, body, "application/json")},
        headers={"Referer": ines.url},
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def cells(stack: Stack) -> list[psutil.Process]:
    """Return the reading processes below our worker."""
    worker = psutil.Process(stack.service("worker").process.pid)
    return [
        one
        for one in worker.children(recursive=True)
        if "catalog.imports.cell" in str(one)
        or any("catalog.imports.cell" in part for part in _command(one))
    ]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_worker_that_is_killed_while_it_reads_is_followed_by_another_and_nothing_is_read_twice(
    stack: Stack, ines
):
    address = upload(ines, large("Killed in the middle"), "killed.json")
    number = address.rstrip("/").rpartition("/")[2]
    reading = eventually(lambda: cells(stack), seconds=60)
    worker = stack.service("worker")

    worker.process.send_signal(signal.SIGKILL)
    worker.process.wait(10)
    eventually(lambda: not any(one.is_running() and one.status() != "zombie" for one in reading))
    worker.stop(signal.SIGKILL)
    stack.running.remove(worker)
    query = (
        "SELECT d.id, d.status, d.fence FROM imports_importdocument d"
        " JOIN imports_importjob j ON j.id = d.job_id WHERE j.number = %s"
    )
    [(document_id, status, fence)] = stack.sql(query, number)
    assert (status, fence) == ("reading", 1)
    assert "Reading and grading it" in ines.open(address)

    # Let the minutes pass that the dead worker had claimed it for.
    stack.sql_do(
        "UPDATE imports_importdocument SET leased_until = now() WHERE id = %s", document_id
    )
    stack.running.append(services.start_worker(stack.environment, home=stack.home))

    eventually(lambda: stack.sql(query, number) == [(document_id, "read", 2)], seconds=90)
    eventually(lambda: "was read" in ines.open(address))
    revisions = stack.sql("SELECT count(*) FROM specs_specrevision WHERE source = 'killed.json'")
    assert revisions == [(1,)]


def test_a_bomb_fails_its_own_job_and_the_next_one_is_read(stack: Stack, ines):
    bomb = b"a: &a [x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (98 + n, 98 + n, b", ".join([b"*%c" % (97 + n)] * 9)) for n in range(12)
    )
    deep = b'{"openapi":"3.1.0","paths":' + b'{"a":' * 5000 + b"1" + b"}" * 5001
    failed = [upload(ines, bomb), upload(ines, deep)]
    sound = upload(ines, large("After the bombs"))

    for address in failed:
        eventually(lambda at=address: "could not be read" in ines.open(at), seconds=60)
    eventually(lambda: "was read" in ines.open(sound), seconds=90)
    worker = psutil.Process(stack.service("worker").process.pid)
    assert worker.memory_info().rss < 600 * 1024 * 1024
    assert urljoin(stack.portal, sound).startswith(stack.portal)
