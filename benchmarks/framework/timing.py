"""Measure commands: wall time, and the CPU time of them and of their child processes."""

import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.framework import progress
from benchmarks.framework.commands import CommandFailed, run
from benchmarks.framework.figures import OURS, Figure, from_runs

TIMES = {"cpu": "CPU time", "wall": "wall time"}


@dataclass(frozen=True)
class Cost:
    """The time that a command took, in seconds."""

    wall: float
    cpu: float

    def __add__(self, other: "Cost") -> "Cost":
        """Add the cost of the command that followed."""
        return Cost(self.wall + other.wall, self.cpu + other.cpu)


def measure(
    command: Sequence[object],
    directory: Path,
    environ: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> Cost:
    """Run a command and measure it with its child processes.

    Raises:
        CommandFailed: Its exit code is none of the expected ones.
    """
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run(*command, cwd=directory, env=environ, codes=codes)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, _cpu(after) - _cpu(before))


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """Yield a list that holds the wall time of the block, in seconds, once it has ended."""
    taken: list[float] = []
    start = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - start)


def interleave(
    candidates: Mapping[str, Callable[[], Cost]],
    rounds: int,
    *,
    warm_up: bool = True,
    notes: list[str] | None = None,
) -> dict[str, list[Cost]]:
    """Measure several candidates in alternation, so that all run under the same conditions.

    Args:
        candidates: What to measure, by name.
        rounds: How many rounds count.
        warm_up: Whether to run one more round first, which fills the caches and does not count.
        notes: Where to note a peer that fails and is left out. Without it any failure is raised.

    Raises:
        CommandFailed: A candidate failed.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in candidates}
    for number in range(1 - warm_up, rounds + 1):
        label = f"round {number} of {rounds}" if number else "warm-up"
        for name in tuple(costs):
            progress.step(f"{label}: {name}")
            try:
                cost = candidates[name]()
            except CommandFailed as error:
                if notes is None or name == OURS:
                    raise
                notes.append(f"{name} is left out: {error}")
                del costs[name]
            else:
                costs[name] += [cost] if number else []
    return costs


def compare_costs(
    name: str,
    costs: Mapping[str, Sequence[Cost]],
    targets: Mapping[str, float] | None = None,
    ours: str = OURS,
) -> list[Figure]:
    """Compare interleaved measurements: ratios first, then CPU time, then wall time.

    Args:
        name: The name of what was done.
        costs: The rounds of each candidate.
        targets: The highest acceptable ratio to another candidate.
        ours: Which of the candidates is ours.
    """
    limits = targets or {}
    figures: list[Figure] = []
    for field, label in TIMES.items():
        for other in costs:
            if other != ours:
                pairs = zip(costs[ours], costs[other], strict=True)
                figures.append(
                    from_runs(
                        f"{name}: {label}, ratio",
                        [getattr(mine, field) / getattr(theirs, field) for mine, theirs in pairs],
                        "x",
                        of=ours,
                        against=other,
                        target=limits.get(other),
                    )
                )
    for each, rounds in costs.items():
        figures += cost_figures(name, rounds, each)
    return sorted(figures, key=lambda figure: (figure.unit != "x", "CPU" not in figure.name))


def cost_figures(name: str, rounds: Sequence[Cost], of: str) -> list[Figure]:
    """Make the figures of one candidate's CPU time and wall time."""
    return [
        from_runs(f"{name}: {label}", [getattr(cost, field) for cost in rounds], "s", of=of)
        for field, label in TIMES.items()
    ]
