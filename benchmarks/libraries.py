"""Libraries: one contract on one CSV file in several libraries, and what each accepts.

Each library has the contract as far as it can declare it, without code of one's own. CPU time in
one process; a figure is the best of its runs. Then each library gets files that the contract does
not allow, one invalid in each.
"""

import tempfile
from pathlib import Path

from benchmarks.framework.commands import run
from benchmarks.framework.figures import ROOT, Figure, Options, from_runs
from benchmarks.framework.projects import generate, install, run_experiment

ROUNDS = 3
ROWS = 250_000
GROUP = f"{ROOT / 'pyproject.toml'}:libraries"


def figures(options: Options) -> list[Figure]:
    """Measure in the environment of a new project, with the libraries."""
    with tempfile.TemporaryDirectory() as name:
        python = install(generate(Path(name)), "--no-dev")
        into = ("uv", "pip", "install", "--quiet", f"--python={python}")
        run(*into, f"--group={GROUP}")
        found = run_experiment(
            "compare_libraries.py", "my_project", ROWS, options.rounds or ROUNDS, python=python
        )
    speeds = [
        from_runs("speed", [ROWS / taken for taken in times], "rows/s", of=library, pick=max)
        for library, times in found["times"].items()
    ]
    accepted = [
        Figure(
            f"invalid files accepted, of {found['files']} ({', '.join(files) or 'none'})",
            len(files),
            of=library,
        )
        for library, files in found["accepted"].items()
    ]
    return [*speeds, *accepted]
