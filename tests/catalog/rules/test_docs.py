from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.catalog.rules.examples import complete

BASE = Path(__file__).resolve().parents[3]
PAGE = (BASE / "docs" / "governance.md").read_text()
RECIPES = [
    yaml.safe_load(block)
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    if "lint_spec" in block
]


def steps_of(recipe) -> tuple[dict[str, str], str]:
    """Return the environment and the command of a recipe."""
    job = recipe["jobs"]["lint"] if "jobs" in recipe else recipe["lint-description"]
    if "steps" in job:
        return job["env"], next(step["run"] for step in job["steps"] if "run" in step)
    return job["variables"], job["script"][0]


@pytest.mark.parametrize("number", [0, 1], ids=["github", "gitlab"])
def test_the_recipe_for_a_build_runs_as_it_is_written(number, tmp_path):
    environment, command = steps_of(RECIPES[number])
    (tmp_path / "parcels.yaml").write_bytes(complete("security: []"))
    (tmp_path / "agreed.yaml").write_text("rules: {}")
    words = command.replace("/app/manage.py", str(BASE / "manage.py")).split(" > ")[0].split()

    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=tmp_path,
        env={"PATH": os.defpath, **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert '"version": "2.1.0"' in done.stdout


def test_there_is_a_recipe_for_each_of_two_systems():
    assert len(RECIPES) == 2
