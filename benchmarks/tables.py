"""Tables: checks derived from a contract, compared with the same checks by hand.

Polars on one thread, a million rows. Speeds are by CPU time, the best of the runs.
"""

import tempfile
from pathlib import Path

from benchmarks.framework.figures import Figure, Options, from_runs, ratio_of_bests
from benchmarks.framework.projects import generate, install, run_experiment

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
        times = run_experiment(
            "check_tables.py", "my_project", options.rounds or ROUNDS, python=python
        )
    rows = times["rows"]
    rates = [
        from_runs(
            "speed",
            [rows / taken / 1e6 for taken in times[key]],
            "M rows/s",
            of=label,
            pick=max,
            target=20 if key == "fields" else None,
            direction="at least",
        )
        for key, label in NAMES.items()
    ]
    ratios = [
        ratio_of_bests(
            f"time of {NAMES[key]}, ratio",
            times[key],
            times[f"{key}_by_hand"],
            min,
            target=1.2 if key == "fields" else None,
            against="the same by hand",
        )
        for key in ("fields", "whole")
    ]
    return [*ratios, *rates]
