"""How long the import of many API descriptions takes."""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.figures import Figure, within
from tests.shared_documents import ROOT

LIMIT_SECONDS = 300


def import_figures() -> tuple[list[Figure], list[str]]:
    if not ROOT.is_dir():
        return [], ["The public descriptions are not here: the import is left out."]
    begun = time.perf_counter()
    command = [sys.executable, "manage.py", "import_specs", str(ROOT / "public")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - begun
    return [within("import of the public descriptions", took, limit=LIMIT_SECONDS, unit="s")], []
