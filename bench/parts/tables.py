"""Tables: checks derived from a contract, beside the same by hand.

Polars on one thread, a million rows. Speeds are by processor time, the best of the runs.
"""

import tempfile
from pathlib import Path

from bench.figures import Figure, Options, of_bests, of_runs
from bench.projects import experiment, generate, install

ROUNDS = 7
NAMES = {
    "fields": "fields, derived",
    "fields_by_hand": "fields, by hand",
    "whole": "fields, key and order, derived",
    "whole_by_hand": "fields, key and order, by hand",
}


def figures(options: Options) -> list[Figure]:
    """Measure in the environment of a new project with the ML option."""
    with tempfile.TemporaryDirectory() as name:
        project = generate(Path(name), ml_pipeline=True)
        python = install(project, "--no-dev")
        told = experiment(
            "contracts/tables.py", "my_project", options.rounds or ROUNDS, python=python
        )
    rows = told["rows"]
    rates = [
        of_runs(
            "speed",
            [rows / taken / 1e6 for taken in told[key]],
            "M rows/s",
            of=label,
            pick=max,
            target=20 if key == "fields" else None,
            direction="at least",
        )
        for key, label in NAMES.items()
    ]
    ratios = [
        of_bests(
            f"time of {NAMES[key]}, ratio",
            told[key],
            told[f"{key}_by_hand"],
            min,
            target=1.2 if key == "fields" else None,
            against="the same by hand",
        )
        for key in ("fields", "whole")
    ]
    return [*ratios, *rates]
