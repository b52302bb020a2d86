"""Measure a command: wall time, and the CPU time of it and what it starts."""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What a command took, in seconds."""

    wall: float
    cpu: float

    def __add__(self, other: "Cost") -> "Cost":
        """Add the cost of the command that came after."""
        return Cost(self.wall + other.wall, self.cpu + other.cpu)


def measure(command: list[str], directory: Path) -> Cost:
    """Run a command of this environment, or of the PATH.

    Raises:
        SystemExit: It failed; the figure would be of something else.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # The environments of the measured projects are their own business.
    environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command,
        cwd=directory,
        env=environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu)


def compare(once: Callable[[str], Cost], templates: list[str], runs: int) -> None:
    """Measure templates in turn, so that all meet the same machine; print medians and ratios.

    Args:
        once: Measures one template.
        templates: Ours, then its peers.
        runs: Rounds; one more goes before them and only fills the caches.
    """
    rounds = [[once(template) for template in templates] for _ in range(runs + 1)][1:]
    medians = [
        Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))
        for costs in zip(*rounds, strict=True)
    ]
    print(f"{'template':<50} {'wall s':>7} {'cpu s':>7} {'wall, ours / it':>16} {'cpu':>5}")
    for template, cost in zip(templates, medians, strict=True):
        ratios = f"{medians[0].wall / cost.wall:16.2f} {medians[0].cpu / cost.cpu:5.2f}"
        print(f"{template[-50:]:<50} {cost.wall:7.2f} {cost.cpu:7.2f} {ratios}")
