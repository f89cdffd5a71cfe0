"""The files of somebody else's git repository, without anything of it being run or checked out.

Every call of the `git` program is shut in: https alone, to the addresses that were vetted, without
redirects, hooks, helpers, prompts, submodules or the machine's own configuration; bounded in time
and in the size of what arrives. Blobs are read out of a bare clone, so that no file of the
repository, link or filter ever meets the disk.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from portal import outbound
from portal.errors import Refused, TooLarge

SECONDS = 60
MAX_PACK_BYTES = 200 * 1024 * 1024
MAX_MEMORY_BYTES = 1024 * 1024 * 1024
# The list of a tree, or one blob of it.
MAX_TOLD_BYTES = 32 * 1024 * 1024
MAX_FILES = 1000
MAX_BYTES_IN_ALL = 200 * 1024 * 1024
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


class GitFailed(Refused):
    code = "git_failed"


@dataclass(frozen=True, slots=True)
class GitFile:
    path: str
    body: bytes


def newest_commit(url: str, *, branch: str = "") -> str:
    """Return the commit that the branch, the tag or HEAD stands at."""
    with tempfile.TemporaryDirectory(prefix="portal-git-") as home:
        told = _git(["ls-remote", "--", url, branch or "HEAD"], url=url, home=home)
    commit = told.decode(errors="replace").partition("\t")[0].strip()
    if not _COMMIT.fullmatch(commit):
        raise GitFailed("The repository has no such branch or tag, or is empty.", code="no_branch")
    return commit


def files(
    url: str, *, branch: str = "", folder: str = "", suffixes: Collection[str]
) -> list[GitFile]:
    """Return the files of a folder and below it whose names end so, from the newest commit."""
    with tempfile.TemporaryDirectory(prefix="portal-git-") as home:
        into = str(Path(home) / "repository")
        named = ["--branch", branch] if branch else []
        options = ["--bare", "--depth=1", "--single-branch", "--no-tags", "--quiet"]
        _git(["clone", *options, *named, "--", url, into], url=url, home=home)
        inside = ["--git-dir", into]
        listed = _git(
            [*inside, "ls-tree", "-r", "-l", "-z", "--full-tree", "HEAD", *_below(folder)],
            url=url,
            home=home,
        )
        wanted = list(_wanted(listed, suffixes))
        if not wanted:
            raise GitFailed("There is no description in this folder.", code="nothing_found")
        return [
            GitFile(path, _git([*inside, "cat-file", "blob", name], url=url, home=home))
            for name, path in wanted
        ]


def checked_branch(branch: str) -> str:
    """Return the name if it is one of a branch or tag, and nothing that a program could obey."""
    if branch and (not _BRANCH.fullmatch(branch) or ".." in branch):
        raise GitFailed("That is no name of a branch or tag.", code="bad_branch")
    return branch


def checked_folder(folder: str) -> str:
    """Return the folder without slashes around it; it lies inside of the repository."""
    steps = [step for step in folder.strip("/").split("/") if step]
    if any(step in {".", ".."} or step.startswith((":", "-")) for step in steps):
        raise GitFailed("The folder is not inside the repository.", code="bad_folder")
    return "/".join(steps)


def _below(folder: str) -> list[str]:
    return ["--", f"{checked_folder(folder)}/"] if folder else []


def _wanted(listed: bytes, suffixes: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield id and path of each ordinary file that is a description by its name."""
    count, total = 0, 0
    for line in listed.split(b"\x00"):
        head, _, path_bytes = line.partition(b"\t")
        words, path = head.decode().split(), path_bytes.decode(errors="replace")
        is_file = len(words) == 4 and words[0] in {"100644", "100755"} and words[1] == "blob"
        if not is_file or not path.lower().endswith(tuple(suffixes)):
            continue
        count, total = count + 1, total + int(words[3])
        if count > MAX_FILES or total > MAX_BYTES_IN_ALL:
            raise TooLarge(f"The folder holds more than {MAX_FILES:,} descriptions, or 200 MB.")
        yield words[2], path


def _git(arguments: Sequence[str], *, url: str, home: str) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise GitFailed("The program git is not installed here.", code="git_missing")
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(  # noqa: S603 - the arguments are a list, and each is checked
            [program, *_shut_in(outbound.vet(url)), *arguments],
            cwd=home,
            env=_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_bounded,  # noqa: PLW1509 - sets limits, and nothing else
        )
        try:
            status = process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            reason = "The repository took too long to answer."
            raise GitFailed(reason, code="unreachable") from error
        finally:
            # With the helpers that it started.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if status:
            raise GitFailed("The repository could not be read.")
        told.seek(0)
        said = told.read(MAX_TOLD_BYTES + 1)
    if len(said) > MAX_TOLD_BYTES:
        raise TooLarge("The repository is larger than we read.")
    return said


def _shut_in(pinned: outbound.Pinned) -> list[str]:
    """Return the settings: everything off, https to the vetted addresses on."""
    is_allowed = pinned.host in settings.OUTBOUND_ALLOWED_HOSTS
    addresses = ",".join(f"[{one}]" if ":" in one else one for one in pinned.addresses)
    said = {
        "protocol.allow": "never",
        "protocol.https.allow": "always",
        **({"protocol.http.allow": "always"} if is_allowed else {}),
        "http.followRedirects": "false",
        "http.curloptResolve": f"{pinned.host}:{pinned.port}:{addresses}",
        "http.lowSpeedLimit": "1000",
        "http.lowSpeedTime": "20",
        "http.proxy": "",
        "core.hooksPath": "/dev/null",
        "core.askPass": "/bin/false",
        "credential.helper": "",
        "core.fsmonitor": "false",
        "submodule.recurse": "false",
        "fetch.recurseSubmodules": "false",
        "transfer.fsckObjects": "true",
        "transfer.bundleURI": "false",
        "gc.auto": "0",
        "maintenance.auto": "false",
    }
    return [part for name, value in said.items() for part in ("-c", f"{name}={value}")]


def _environment(home: str) -> dict[str, str]:
    return {
        "HOME": home,
        "PATH": "/usr/bin:/bin:/usr/local/bin",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
    }


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_PACK_BYTES, MAX_PACK_BYTES))
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
