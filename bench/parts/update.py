"""Update: inheriting a small release, and asking whether there is one.

Beside it: cruft's own `update` and `check`, on copies of the same project, in the same run. The
release changes a line in each shared file, adds files and removes one. Neither side locks or runs
checks afterwards; the whole session `nox -s update` is measured besides.
"""

import itertools
import shutil
import sys
import tempfile
from pathlib import Path

from bench.clock import Cost, alone, beside, in_turn, measure
from bench.figures import OURS, Figure, Options
from tests.support.projects import Factory
from tests.support.series import build

ROUNDS = 5
OLD, SMALL = "v1.0.0", "v1.1.0"
CRUFT = "cruft"
SESSION = "nox -s update, as it is typed"


def figures(options: Options) -> list[Figure]:
    """Measure updates and checks of a project that nobody touched."""
    rounds = options.rounds or ROUNDS
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        factory = Factory(build(place / "template"), place)
        project = factory.project(place / "project", OLD)
        environ = {"PYTHONPATH": str(project / "tools")}
        own = [sys.executable, "-m", "hangar_devkit.update"]
        copies = itertools.count()

        def once(command: list[str]) -> Cost:
            copy = place / f"copy-{next(copies)}"
            shutil.copytree(project, copy, symlinks=True)
            cost = measure(command, copy, environ)
            shutil.rmtree(copy)
            return cost

        updates = {
            OURS: lambda: once([*own, "--no-checks", f"--to={SMALL}"]),
            CRUFT: lambda: once(["cruft", "update", "--skip-apply-ask", f"--checkout={SMALL}"]),
            SESSION: lambda: once(["nox", "-s", "update", "--", "--no-checks", f"--to={SMALL}"]),
        }
        # Both find that there is something newer, and say so by their exit code.
        checks = {
            OURS: lambda: measure([*own, "--check"], project, environ, codes=(1,)),
            CRUFT: lambda: measure(["cruft", "check", f"--checkout={SMALL}"], project, codes=(1,)),
        }
        costs = in_turn(updates, rounds)
        session = costs.pop(SESSION)
        found = beside("small update", costs, {CRUFT: 1.5})
        found += alone("small update", session, SESSION)
        found += beside("freshness check", in_turn(checks, rounds), {CRUFT: 1 / 3})
    return found
