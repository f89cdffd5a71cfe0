"""`make bench`: each figure beside its peer or its limit, measured in the same run.

Everything runs on this machine's loopback, for a bounded time. `python -m benchmarks oauth` runs
one part alone.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ["PORTAL_TEST_DURABLE"] = "1"  # before the engines start

from benchmarks import dashboard, decision, importing, inbox, search, side_by_side, withdrawal
from benchmarks.figures import Figure, keep, tell
from benchmarks.live import live_client
from benchmarks.oauth import comparison
from tests.stack import running_stack

PARTS = ("decision", "withdrawal", "dashboard", "inbox", "oauth", "import", "references", "search")


def main() -> int:
    wanted = sys.argv[1:] or PARTS
    if unknown := set(wanted) - set(PARTS):
        print(f"There is no {', '.join(sorted(unknown))}. Choose from {', '.join(PARTS)}.")
        return 2
    figures: list[Figure] = []
    notes: list[str] = []

    def take(measured: list[Figure], told: list[str]) -> None:
        """Tell each part at once: the next takes minutes."""
        tell(measured, told)
        figures.extend(measured)
        notes.extend(told)

    with tempfile.TemporaryDirectory() as home, running_stack(Path(home)) as stack:
        if {"decision", "withdrawal"} & set(wanted):
            live = live_client(stack)
            if "decision" in wanted:
                take(decision.decision_figures(stack, live), decision.NOTES)
            if "withdrawal" in wanted:
                take(withdrawal.withdrawal_figures(stack, live), withdrawal.NOTES)
        pages = {"dashboard": dashboard.dashboard_figures, "inbox": inbox.inbox_figures}
        for name in pages.keys() & set(wanted):
            take(pages[name](stack), [])
        whole = {
            "oauth": comparison.oauth_figures,
            "import": importing.import_figures,
            "references": side_by_side.side_by_side_figures,
            "search": search.search_figures,
        }
        for name in [name for name in whole if name in wanted]:
            take(*whole[name](stack))
    print(f"\nWritten to {keep(figures, notes)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
