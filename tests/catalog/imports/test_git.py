"""A repository that somebody else wrote: read, and never obeyed."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.utils import timezone

from catalog.apis.models import Api
from catalog.imports import git
from catalog.imports.feeding import add_source, read_due_sources
from catalog.imports.models import ImportJob, Source
from catalog.imports.work import work_through
from portal import outbound
from portal.access.actors import SYSTEM
from portal.errors import Refused, TooLarge
from tests.catalog.specs.documents import api, raw
from tests.stack import require_program

SUFFIXES = {".json", ".yaml"}


@pytest.fixture(scope="module", autouse=True)
def _git_is_here():
    require_program("git")


class Repository:
    """A repository that a server of this machine offers by git's own protocol over HTTP."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root / "one"
        self.url = f"{url}/one/.git"
        self.root.mkdir()
        self.run("init", "--quiet", "--initial-branch=main")

    def run(self, *arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments],
            cwd=self.root,
            check=True,
            capture_output=True,
            env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"},
        )

    def commit(self, **files: bytes) -> None:
        for name, body in files.items():
            path = self.root / name.replace("__", "/").replace("_json", ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        self.run("add", "--all")
        self.run("commit", "--quiet", "--message", "more")


class _Backend(BaseHTTPRequestHandler):
    """Hands each request to `git http-backend`, as a web server would."""

    root: Path
    asked: list[str]

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, *_: object) -> None:
        return

    def _answer(self, body: bytes) -> None:
        self.asked.append(self.path)
        if self.path.startswith("/elsewhere"):
            self.send_response(302)
            self.send_header("Location", self.path.replace("/elsewhere", "", 1))
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            capture_output=True,
            check=False,
            env={
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(self.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "safe.directory",
                "GIT_CONFIG_VALUE_0": "*",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "REMOTE_ADDR": "127.0.0.1",
            },
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def repository(tmp_path) -> Iterator[Repository]:
    handler = type("Backend", (_Backend,), {"root": tmp_path, "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made = Repository(tmp_path, f"http://127.0.0.1:{server.server_port}")
        yield made
        server.shutdown()


def names(found: list[git.GitFile]) -> list[str]:
    return [one.path for one in found]


def test_the_descriptions_of_a_folder_are_read_and_nothing_else(repository):
    repository.commit(
        apis__people_json=raw(api()), apis__deep__b_json=b"{}", notes=b"x", c_json=b""
    )

    found = git.files(repository.url, folder="apis", suffixes=SUFFIXES)

    assert names(found) == ["apis/deep/b.json", "apis/people.json"]
    assert found[1].body == raw(api())
    assert names(git.files(repository.url, suffixes=SUFFIXES))[-1] == "c.json"


def test_a_branch_or_a_tag_may_be_named(repository):
    repository.commit(a_json=b"1")
    repository.run("branch", "old")
    repository.run("tag", "v1")
    repository.commit(b_json=b"2")

    assert names(git.files(repository.url, branch="old", suffixes=SUFFIXES)) == ["a.json"]
    assert names(git.files(repository.url, branch="v1", suffixes=SUFFIXES)) == ["a.json"]
    assert git.newest_commit(repository.url) != git.newest_commit(repository.url, branch="old")
    with pytest.raises(Refused) as refused:
        git.newest_commit(repository.url, branch="none")
    assert refused.value.code == "no_branch"


def test_links_are_not_followed(repository, tmp_path):
    (tmp_path / "secret.json").write_text("secret")
    repository.commit(a_json=b"1")
    (repository.root / "link.json").symlink_to(tmp_path / "secret.json")
    (repository.root / "folder.json").symlink_to("/etc")
    repository.commit()

    assert names(git.files(repository.url, suffixes=SUFFIXES)) == ["a.json"]


def test_nothing_of_a_repository_is_run(repository, tmp_path):
    """Filters, hooks and submodules need a checkout or a setting; here there is neither."""
    trace = tmp_path / "ran"
    repository.commit(a_json=b"1", **{".gitattributes": b"*.json filter=evil\n"})
    (repository.root / ".gitmodules").write_text(
        f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch {trace}"\n'
    )
    repository.commit()

    assert names(git.files(repository.url, suffixes=SUFFIXES)) == ["a.json"]
    assert not trace.exists()


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c 'touch /tmp/x'",
        "file:///etc",
        "/etc",
        "ssh://kestrel.example/x",
        "git://kestrel.example/x",
        "https://10.0.0.7/x.git",
        "https://169.254.169.254/x.git",
        "--upload-pack=touch /tmp/x",
        "https://me@kestrel.example/x.git",
    ],
)
def test_only_https_on_the_public_internet_is_asked(url, monkeypatch):
    monkeypatch.setattr(git.subprocess, "Popen", lambda *_, **__: pytest.fail("git was started"))

    with pytest.raises(Refused):
        git.newest_commit(url)


def test_a_redirect_is_not_followed(repository):
    repository.commit(a_json=b"1")
    elsewhere = repository.url.replace("/one/", "/elsewhere/one/")

    with pytest.raises(Refused) as refused:
        git.newest_commit(elsewhere)

    assert refused.value.code == "git_failed"


def test_git_connects_to_the_addresses_that_were_vetted_and_to_no_other(repository, monkeypatch):
    """A name that would lead elsewhere a moment later still leads where it was looked at."""
    repository.commit(a_json=b"1")
    port = int(repository.url.split(":")[2].split("/")[0])
    named = repository.url.replace("127.0.0.1", "rebound.example")
    monkeypatch.setattr(
        outbound, "vet", lambda _url: outbound.Pinned("rebound.example", port, ("127.0.0.1",))
    )
    monkeypatch.setattr(git.settings, "OUTBOUND_ALLOWED_HOSTS", ["rebound.example"])

    assert len(git.newest_commit(named)) == 40


@pytest.mark.parametrize("folder", ["..", "a/../../b", "a/./b", ":(top)", "-x", "a/:!b"])
def test_a_folder_stays_inside_of_the_repository(folder):
    with pytest.raises(Refused):
        git.checked_folder(folder)


@pytest.mark.parametrize("branch", ["-x", "a..b", "--upload-pack=x", "a b", "", "main"])
def test_a_branch_is_a_name_and_no_option(branch):
    if branch in {"", "main"}:
        assert git.checked_branch(branch) == branch
        return
    with pytest.raises(Refused):
        git.checked_branch(branch)


def test_a_folder_with_too_many_descriptions_is_refused(repository, monkeypatch):
    monkeypatch.setattr(git, "MAX_FILES", 2)
    repository.commit(a_json=b"1", b_json=b"2", c_json=b"3")

    with pytest.raises(TooLarge):
        git.files(repository.url, suffixes=SUFFIXES)


@pytest.mark.django_db
def test_a_repository_is_a_place_whose_documents_become_apis_and_is_read_when_it_has_news(
    repository,
):
    repository.commit(apis__people_json=raw(api()), apis__broken_json=b"{")
    source = add_source(by=SYSTEM, kind="git", url=repository.url, folder="apis", interval_hours=1)
    work_through()

    first = ImportJob.objects.counted().get()
    assert (first.document_count, first.read_count, first.refused_count) == (2, 1, 1)
    assert first.status == ImportJob.Status.DONE
    assert Api.objects.get().slug == "people"

    Source.objects.update(next_at=timezone.now())
    read_due_sources()
    work_through()
    second = ImportJob.objects.counted().latest("pk")
    source.refresh_from_db()
    assert (second.document_count, second.status) == (0, "done")
    assert source.last_result == "unchanged"

    repository.commit(apis__people_json=raw(api(servers=[])))
    Source.objects.update(next_at=timezone.now())
    read_due_sources()
    work_through()
    third = ImportJob.objects.counted().latest("pk")
    assert (third.document_count, third.read_count) == (2, 1)


@pytest.mark.django_db
def test_a_repository_that_cannot_be_read_fails_its_job_with_a_reason(repository):
    add_source(by=SYSTEM, kind="git", url=f"{repository.url}-none", interval_hours=1)
    work_through()

    job = ImportJob.objects.get()
    source = Source.objects.get()
    assert job.status == ImportJob.Status.FAILED
    assert (source.last_result, source.failure_count) == ("git_failed", 1)
