"""Documents that other people wrote, kept outside of the repository; tests skip without them."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared"
ROOT = Path(os.environ.get("PORTAL_SHARED_DIR", str(_BESIDE))) / "specs"

needs_documents = pytest.mark.skipif(
    not (ROOT / "INDEX.tsv").is_file(),
    reason="../shared/specs is not here (PORTAL_SHARED_DIR names another place)",
)


def documents(*patterns: str) -> list[Path]:
    """Return the JSON and YAML files below these folders, or nothing where they are absent."""
    found = [path for pattern in patterns for path in ROOT.glob(pattern)]
    return sorted(path for path in found if path.suffix in {".json", ".yaml", ".yml"})


def index() -> dict[str, int]:
    """Return how many operations each document of the index has."""
    with (ROOT / "INDEX.tsv").open(newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return {row["file"]: int(row["operations"]) for row in rows}


DATA = ROOT.parent / "data"
needs_catalogues = pytest.mark.skipif(
    not (DATA / "asvs-5.0.0.flat.json").is_file(),
    reason="../shared/data is not here (PORTAL_SHARED_DIR names another place)",
)
