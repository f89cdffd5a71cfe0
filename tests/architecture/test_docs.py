"""What the documents say is there, is there."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

BASE = Path(__file__).resolve().parents[2]
PAGES = sorted([BASE / "README.md", *BASE.glob("docs/**/*.md"), *BASE.glob("deploy/*.md")])
TRACKED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"],
    cwd=BASE,
    capture_output=True,
    text=True,
    check=True,
).stdout.split()


def test_every_setting_is_explained():
    settings = "".join(path.read_text() for path in (BASE / "portal/settings").glob("*.py"))
    names = set(re.findall(r'(?:required|env(?:\.\w+)?)\(\s*"([A-Z_]+)"', settings))
    explained = (BASE / "docs" / "running.md").read_text()

    assert len(names) > 15
    assert {name for name in names if f"`{name}`" not in explained} == set()


def test_every_dependency_has_its_reason():
    project = tomllib.loads((BASE / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[><=;]", line)[0] for line in wanted}
    reasons = (BASE / "docs" / "dependencies.md").read_text()
    families = {"types-", "celery-types", "django-stubs", "djangorestframework-stubs", "pytest-"}

    missing = {name for name in names if name not in reasons}
    assert {name for name in missing if not any(name.startswith(one) for one in families)} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#|/)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_is_named_exists(page):
    """A page names a test by its path or, in a table, by the name of its file alone."""
    named = set(re.findall(r"`([\w/]*test_\w+\.py)`", page.read_text()))

    assert {
        one for one in named if not any(f"/{path}".endswith(f"/{one}") for path in TRACKED)
    } == set()


@pytest.mark.parametrize(
    "record", sorted(BASE.glob("docs/decisions/*.md")), ids=lambda record: record.name
)
def test_a_decision_record_is_short(record):
    assert len(record.read_text().splitlines()) <= 40


def test_no_file_names_a_machine_or_a_package_index():
    place = re.compile(r"(?<![\w.])/(?:work|farm)/|--(?:extra-)?index-url|--find-links")
    files = [
        BASE / name for name in TRACKED if Path(name).suffix in {".py", ".md", ".lock", ".toml"}
    ]
    found = [path.name for path in files if path.is_file() and place.search(path.read_text())]

    assert [name for name in found if name != Path(__file__).name] == []


def test_nothing_says_that_it_is_unfinished():
    # Put together here, so that this file does not say it either.
    word = re.compile(rf"\b({'|'.join(['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'])})\b")
    kinds = {".py", ".md", ".toml", ".html", ".css", ".js", ".yaml", ".yml", ".txt", ""}
    files = [BASE / name for name in TRACKED if Path(name).suffix in kinds]

    assert [path.name for path in files if path.is_file() and word.search(path.read_text())] == []
