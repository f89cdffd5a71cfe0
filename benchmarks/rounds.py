"""Rounds that alternate, so that whatever else the machine does falls on everybody."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks import load, machine
from benchmarks.figures import Figure

ROUNDS = 4
WARM_UP_SECONDS = 0.5


@dataclass(frozen=True)
class Runner:
    """Something that is asked under load; `work` is called anew for each measurement."""

    name: str
    base: str
    work: Callable[[], load.Work]
    processes: Sequence[int]
    seconds: float = 1.5


class Measured(NamedTuple):
    """Answers in a second, processor seconds for one of them, and others' share of the machine."""

    rate: float
    cost: float
    foreign: float


def compare(
    name: str, ours: Runner, peers: Sequence[Runner], *, targets: dict[str, float]
) -> list[Figure]:
    """Measure all of them in each round, forwards and backwards in turn."""
    everybody = [ours, *peers]
    for runner in everybody:
        load.run(runner.base, runner.work(), seconds=WARM_UP_SECONDS)
    taken: dict[str, list[Measured]] = {runner.name: [] for runner in everybody}
    for number in range(ROUNDS):
        for runner in everybody if number % 2 == 0 else reversed(everybody):
            taken[runner.name].append(_measure(runner))
    return [_figure(name, taken[ours.name], peer, taken[peer.name], targets) for peer in peers]


def _measure(runner: Runner) -> Measured:
    work = runner.work()
    worked, busy, own = machine.worked(runner.processes), machine.busy(), machine.own()
    count, seconds = load.run(runner.base, work, seconds=runner.seconds)
    own, busy = machine.own() - own, machine.busy() - busy
    worked = machine.worked(runner.processes) - worked
    if not count:
        raise RuntimeError(f"{runner.name} was asked nothing: its work was used up.")
    foreign = max(0.0, busy - worked - own) / (seconds * (os.cpu_count() or 1))
    return Measured(count / seconds, worked / count, foreign)


def _figure(
    name: str,
    ours: Sequence[Measured],
    peer: Runner,
    theirs: Sequence[Measured],
    targets: dict[str, float],
) -> Figure:
    both = list(zip(ours, theirs, strict=True))
    median = statistics.median
    return Figure(
        name,
        median(mine.rate for mine in ours),
        peer.name,
        median(one.rate for one in theirs),
        "answers/s",
        median(mine.rate / one.rate for mine, one in both),
        target=targets.get(peer.name),
        # The kernel counts in hundredths of a second: of a few answers it may have seen nothing.
        less_work=median(one.cost / mine.cost if mine.cost else 1.0 for mine, one in both),
        foreign=median(one.foreign for one in [*ours, *theirs]),
    )
