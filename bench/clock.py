"""Measure commands: wall time, and the CPU time of them and what they start."""

import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import progress
from bench.commands import CommandFailed, finish
from bench.figures import OURS, Figure, of_runs

KINDS = {"cpu": "CPU time", "wall": "wall time"}


@dataclass(frozen=True)
class Cost:
    """What a command took, in seconds."""

    wall: float
    cpu: float

    def __add__(self, other: "Cost") -> "Cost":
        """Add the cost of the command that came after."""
        return Cost(self.wall + other.wall, self.cpu + other.cpu)


def measure(
    command: Sequence[object],
    directory: Path,
    environ: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> Cost:
    """Run a command and measure it, with all that it starts.

    Raises:
        CommandFailed: It ended with none of the codes.
    """
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    finish(command, directory, environ, codes)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, _cpu(after) - _cpu(before))


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """Give a list that holds the wall time of the block, in seconds, when it has ended."""
    taken: list[float] = []
    start = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - start)


def in_turn(
    ways: Mapping[str, Callable[[], Cost]],
    rounds: int,
    *,
    fill: bool = True,
    notes: list[str] | None = None,
) -> dict[str, list[Cost]]:
    """Measure several ways in turn, so that all meet the same machine.

    Args:
        ways: What to measure.
        rounds: How many count.
        fill: Whether one more round goes before them, which only fills the caches.
        notes: Where to say that another's way failed and is left out, if that is no failure of all.

    Raises:
        CommandFailed: One of the ways failed.
    """
    found: dict[str, list[Cost]] = {name: [] for name in ways}
    for turn in range(1 - fill, rounds + 1):
        told = f"round {turn} of {rounds}" if turn else "filling caches"
        for name in tuple(found):
            progress.step(f"{told}: {name}")
            try:
                cost = ways[name]()
            except CommandFailed as error:
                if notes is None or name == OURS:
                    raise
                notes.append(f"{name} is left out: {error}")
                del found[name]
            else:
                found[name] += [cost] if turn else []
    return found


def beside(
    name: str,
    costs: Mapping[str, Sequence[Cost]],
    targets: Mapping[str, float] | None = None,
    ours: str = OURS,
) -> list[Figure]:
    """Compare what was measured in turn: ratios first, then CPU time, then wall time.

    Args:
        name: What was done.
        costs: The rounds of each way.
        targets: The most that ours may take, as a multiple of another.
        ours: Which of the ways is ours.
    """
    promised = targets or {}
    found: list[Figure] = []
    for kind, label in KINDS.items():
        for other in costs:
            if other != ours:
                pairs = zip(costs[ours], costs[other], strict=True)
                found.append(
                    of_runs(
                        f"{name}: {label}, ratio",
                        [getattr(mine, kind) / getattr(theirs, kind) for mine, theirs in pairs],
                        "x",
                        of=ours,
                        against=other,
                        target=promised.get(other),
                    )
                )
    for each, rounds in costs.items():
        found += alone(name, rounds, each)
    return sorted(found, key=lambda figure: (figure.unit != "x", "CPU" not in figure.name))


def alone(name: str, rounds: Sequence[Cost], of: str) -> list[Figure]:
    """Tell what one way took."""
    return [
        of_runs(f"{name}: {label}", [getattr(cost, kind) for cost in rounds], "s", of=of)
        for kind, label in KINDS.items()
    ]
