"""Test history, error classes: how well failures are grouped by their cause.

Ten faults of one project, each at work in 2 to 8 of 20 runs of its own suite; the truth is the
fault behind each failure. Faults that behave alike in every test and message count as one, and a
second score keeps them apart, though nothing that was recorded tells them apart. The failures are
recorded first, unless `HANGAR_BENCH_CACHE` has them: a small sample here; `python
bench/history/record_faults.py` makes the whole one. Validation projects were not looked at while
the method was made.
"""

import statistics

from bench.commands import run
from bench.figures import ROOT, Figure, Options, Unmeasured
from bench.projects import experiment

ROUNDS = 20  # episodes
SAMPLE = ("cachetools", "markupsafe", "boltons")
FAULTS, SECONDS = 15, 75  # of each project, where nothing is recorded
DRIFT = 0.05  # what is recorded anew depends on how many faults fit into the time
SCORES = {"ari": ("adjusted Rand index", 0.92), "b3_f1": ("B-cubed F1", 0.95)}
METHODS = {
    "shipped": "",
    "shipped, alike kept": ", faults that behave alike kept apart",
    "fingerprint": ", by fingerprint alone",
}


def figures(options: Options) -> list[Figure]:
    """Score every project that has recorded failures."""
    episodes = f"--episodes={options.rounds or ROUNDS}"
    rows = experiment("history/classes.py", episodes)
    if not rows:
        script = ROOT / "bench" / "history" / "record_faults.py"
        run("python", script, *SAMPLE, f"--faults={FAULTS}", f"--budget={SECONDS}")
        rows = experiment("history/classes.py", episodes)
    if not rows:
        raise Unmeasured(f"no project gave ten faults in {SECONDS} s; record more of them")
    found = []
    for key, (name, target) in SCORES.items():
        for method, suffix in METHODS.items():
            scores = [row for row in rows if row["method"] == method]
            promised = None if suffix else target
            parts = sorted({row["part"] for row in scores}, reverse=True)
            found += [
                Figure(
                    f"{name}, mean of the projects",
                    statistics.mean(row[key] for row in scores if row["part"] == part),
                    of=part + suffix,
                    within=DRIFT,
                    target=promised,
                    direction="at least",
                )
                for part in parts
            ]
        for method, suffix in METHODS.items():
            found += [
                Figure(
                    f"{name}, each project",
                    row[key],
                    of=f"{row['project']} ({row['part']}){suffix}",
                    within=DRIFT,
                    target=None if suffix else target,
                    direction="at least",
                )
                for row in rows
                if row["method"] == method
            ]
    return found
