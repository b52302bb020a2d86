"""Contracts: rows per second at the edge, from a CSV file, and memory.

Compared with pydantic's TypeAdapter on rows that are already parsed, and with the csv module that
only reads the file. CPU time in one process; a figure is the best of its runs. Memory is the peak
of a process that loads a file.
"""

import tempfile
from pathlib import Path

from benchmarks.framework.figures import Figure, Options, from_runs, ratio_of_bests
from benchmarks.framework.projects import generate, install, run_experiment

ROUNDS = 3
ROWS = 250_000
NAMES = {
    "edge": "the edge, from the file",
    "valid": "the edge, from the file, without records",
    "lines": "the edge, from JSON Lines",
    "lines_valid": "the edge, from JSON Lines, without records",
    "bad": "the edge, invalid rows and their rejects",
    "kept": "pydantic's TypeAdapter, row by row into a list, parsed before",
    "each": "pydantic's TypeAdapter, row by row and dropped, parsed before",
    "list": "pydantic's TypeAdapter, one list, parsed before",
    "csv": "the csv module, without validation",
    "both": "the csv module, then TypeAdapter row by row",
}


def figures(options: Options) -> list[Figure]:
    """Measure in the environment of a new project."""
    with tempfile.TemporaryDirectory() as name:
        project = generate(Path(name))
        python = install(project, "--no-dev")
        times = run_experiment(
            "read_rows.py", "my_project", ROWS, options.rounds or ROUNDS, python=python
        )
    speeds = {key: [ROWS / taken for taken in times[key]] for key in NAMES}
    ratios = [
        ratio_of_bests(
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
    ratios += [
        ratio_of_bests(
            f"speed of {NAMES[key]}, ratio",
            speeds[key],
            speeds["each"],
            max,
            target=target,
            direction="at least",
            against=NAMES["each"],
        )
        for key, target in (("valid", 1.2), ("lines", 0.5), ("lines_valid", 1.2))
    ]
    ratios.append(
        ratio_of_bests(
            "time of a rejected row, ratio",
            times["bad"],
            times["edge"],
            min,
            target=4,
            against="a valid row",
        )
    )
    rates = [
        from_runs("speed", speeds[key], "rows/s", of=label, pick=max)
        for key, label in NAMES.items()
    ]
    few, many = times["memory_few"], times["memory_many"]
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
