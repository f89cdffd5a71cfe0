"""Whose work the processors did, in seconds, as /proc counts it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def worked(processes: Iterable[int]) -> float:
    """Return what these processes and all their descendants, ended ones too, have used."""
    children: dict[int, list[int]] = {}
    used: dict[int, tuple[int, int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It ended just now.
        pid = int(path.parent.name)
        children.setdefault(int(fields[1]), []).append(pid)
        own, reaped = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
        used[pid] = own, reaped
    total, waiting = 0, list(processes)
    while waiting:
        pid = waiting.pop()
        total += sum(used.get(pid, ()))
        waiting += children.get(pid, [])
    return total / _TICKS


def busy() -> float:
    """Return what all processors of this machine have worked, for whomever."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _wait, irq, softirq, _steal = map(int, fields)
    return (user + nice + system + irq + softirq) / _TICKS


def own() -> float:
    """Return what this process, which makes the load, has worked."""
    return time.process_time()
