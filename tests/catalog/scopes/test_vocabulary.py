from __future__ import annotations

import re
from pathlib import Path

import yaml

from catalog.scopes.models import Depth
from catalog.scopes.vocabulary import read_vocabulary

DOCS = Path(__file__).resolve().parents[3] / "docs/api-descriptions.md"


def test_the_example_in_the_docs_is_a_vocabulary():
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    part = yaml.safe_load(blocks[0])["x-portal"]

    vocabulary = read_vocabulary(part)

    assert [scope.cluster for scope in vocabulary.scopes] == ["parcels", ""]
    assert vocabulary.clusters[0].depth == Depth.PERSONAL
    assert vocabulary.clusters[0].purposes == ("parcel-reminders",)
