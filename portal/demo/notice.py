"""What Meridian, which does not exist, tells its customers about their data: a file a language."""

from __future__ import annotations

from pathlib import Path

from consent.notices.actions import Words

FOLDER = Path(__file__).parent / "notices"


def _words(path: Path) -> Words:
    title, _, text = path.read_text(encoding="utf-8").partition("\n\n")
    return Words(title.removeprefix("# "), text)


PRIVACY_NOTICE = {path.stem.rpartition(".")[2]: _words(path) for path in FOLDER.glob("*.md")}
