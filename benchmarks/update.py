"""Update: inheriting a small release, and checking for a newer one.

Compared with cruft's own `update` and `check`, on copies of the same project, interleaved. The
release changes a line in each shared file, adds files and removes one. Neither side locks or runs
checks afterwards. The whole session `nox -s update` is measured as well.
"""

import itertools
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.framework.figures import OURS, Figure, Options
from benchmarks.framework.timing import Cost, compare_costs, cost_figures, interleave, measure
from tests.support.projects import Factory
from tests.support.series import build

ROUNDS = 5
OLD, SMALL = "v1.0.0", "v1.1.0"
CRUFT = "cruft"
SESSION = "nox -s update, as it is typed"
UPDATE = [sys.executable, "tools/hangar.py", "update"]


def figures(options: Options) -> list[Figure]:
    """Measure updates and checks of a project without edits."""
    rounds = options.rounds or ROUNDS
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        factory = Factory(build(directory / "template"), directory)
        project = factory.project(directory / "project", OLD)
        copies = itertools.count()

        def run_on_copy(command: list[str]) -> Cost:
            copy = directory / f"copy-{next(copies)}"
            shutil.copytree(project, copy, symlinks=True)
            cost = measure(command, copy)
            shutil.rmtree(copy)
            return cost

        cruft = ["cruft", "update", "--skip-apply-ask", f"--checkout={SMALL}"]
        session = ["nox", "-s", "update", "--", "--no-checks", f"--to={SMALL}"]
        updates = {
            OURS: lambda: run_on_copy([*UPDATE, "--no-checks", f"--to={SMALL}"]),
            CRUFT: lambda: run_on_copy(cruft),
            SESSION: lambda: run_on_copy(session),
        }
        # Both find a newer release, and report it by their exit code.
        checks = {
            OURS: lambda: measure([*UPDATE, "--check"], project, codes=(1,)),
            CRUFT: lambda: measure(["cruft", "check", f"--checkout={SMALL}"], project, codes=(1,)),
        }
        costs = interleave(updates, rounds)
        session_costs = costs.pop(SESSION)
        return [
            *compare_costs("small update", costs, {CRUFT: 1.2}),
            *cost_figures("small update", session_costs, SESSION),
            *compare_costs("freshness check", interleave(checks, rounds), {CRUFT: 0.15}),
        ]
