"""Contracts: rows a second at the edge, from a CSV file, and memory.

Beside it: pydantic's TypeAdapter on rows that were parsed before, and the csv module that only
reads the file. Processor time in one process; the figure is the best of the runs. Memory is the
peak of a process that loads a file.
"""

import tempfile
from pathlib import Path

from bench.figures import Figure, Options, of_bests, of_runs
from bench.projects import experiment, generate, install

ROUNDS = 3
ROWS = 250_000
NAMES = {
    "edge": "the edge, from the file",
    "kept": "pydantic's TypeAdapter, row by row into a list, parsed before",
    "each": "pydantic's TypeAdapter, row by row and dropped, parsed before",
    "list": "pydantic's TypeAdapter, one list, parsed before",
    "csv": "the csv module, nothing checked",
    "both": "the csv module, then TypeAdapter row by row",
}


def figures(options: Options) -> list[Figure]:
    """Measure in the environment of a new project."""
    with tempfile.TemporaryDirectory() as name:
        project = generate(Path(name))
        python = install(project, "--no-dev")
        told = experiment(
            "contracts/edge.py", "my_project", ROWS, options.rounds or ROUNDS, python=python
        )
    speeds = {key: [ROWS / taken for taken in told[key]] for key in NAMES}
    ratios = [
        of_bests(
            "speed at the edge, ratio",
            speeds["edge"],
            speeds[key],
            max,
            target=0.5 if key in {"kept", "each"} else None,
            direction="at least",
            against=NAMES[key],
        )
        for key in ("kept", "each", "list", "both")
    ]
    rates = [
        of_runs("speed", speeds[key], "rows/s", of=label, pick=max) for key, label in NAMES.items()
    ]
    few, many = told["memory_few"], told["memory_many"]
    memory = [
        Figure(
            "peak memory at a million rows, ratio",
            many / few,
            "x",
            within=0.05,
            target=1.05,
            against="a tenth of them",
        ),
        Figure("peak memory", many, "MB", of="1,000,000 rows", within=0.1),
        Figure("peak memory", few, "MB", of="100,000 rows", within=0.1),
    ]
    return [*ratios, *memory, *rates]
