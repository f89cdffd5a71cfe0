"""Files that partners show as evidence: where they are kept, how many, and who looks for viruses."""

from __future__ import annotations

from pathlib import Path

from portal.settings.environment import DATA_DIR, env

# Outside everything that a web server serves. Each file is encrypted with a key of its own.
EVIDENCE_DIR = Path(env("PORTAL_EVIDENCE_DIR", default=str(DATA_DIR / "evidence")))
# Where clamd answers: unix:///path or tcp://host:3310. Without one, every file stays in quarantine.
CLAMD_URL = env("CLAMD_URL", default="")
EVIDENCE_MAX_BYTES = 25 * 1024 * 1024
EVIDENCE_QUOTA_BYTES = 500 * 1024 * 1024
EVIDENCE_QUOTA_COUNT = 200
# What the process that looks into one file may take, whatever the file holds.
EVIDENCE_MEMORY_BYTES = 320 * 1024 * 1024
EVIDENCE_READ_SECONDS = 20
