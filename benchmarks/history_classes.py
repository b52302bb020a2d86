"""Test history, error classes: how well failures are grouped by their cause, in every regime.

An episode mixes ten faults of one project over 20 runs of its own test suite, and a test that two
of them hit shows one at random. The truth is the fault behind each failure. Regimes: faults that
break, last and are fixed (streak), that nobody fixes (lasting), that are mostly active together
(overlapping), that come and go (scattered), and all of them in the only run. Twins, faults with the
same effect on every test down to each message, count as one; the figures with twins kept count them
as several, though nothing that was recorded tells them apart. The baselines group by exception and
deepest frame, merged where they were seen in the same runs (prototype), by these alone
(fingerprint), and by the text alone (reason text). The failures are recorded first, unless
`HANGAR_BENCH_CACHE` has them: a small sample here, every project by `nox -s foreign -- history`.
Acceptance projects were named before anything was measured on them.
"""

import statistics
import sys
from typing import Any

from benchmarks.experiments.group_failures import CAUSES, METHODS, REGIMES, load, score
from benchmarks.experiments.record_faults import CACHE, DEVELOPMENT, PROJECTS
from benchmarks.framework import commands, progress
from benchmarks.framework.figures import ROOT, Figure, Options, Skipped

ROUNDS = 20  # episodes
SAMPLE = ("cachetools", "markupsafe", "boltons")
FAULTS, SECONDS = 15, 75  # of each project of the sample
DRIFT = 0.05  # the number of faults recorded within the time varies
SCORES = {"ari": "adjusted Rand index", "b3_f1": "B-cubed F1"}
AIMS = {
    ("streak", "ari"): 0.92,
    ("streak", "b3_f1"): 0.95,
    ("scattered", "ari"): 0.97,
    ("scattered", "b3_f1"): 0.97,
    ("one run", "ari"): 0.80,
    ("one run", "b3_f1"): 0.87,
}
SETS = ("development", "acceptance")


def figures(options: Options) -> list[Figure]:
    """Score every project that has recorded failures."""
    episodes = options.rounds or ROUNDS
    rows = score_all(episodes)
    if not rows:
        progress.step("recording failures")
        module = "benchmarks.experiments.record_faults"
        limits = (f"--faults={FAULTS}", f"--budget={SECONDS}")
        commands.run(sys.executable, "-m", module, *SAMPLE, *limits, cwd=ROOT)
        rows = score_all(episodes)
    if not rows:
        raise Skipped(f"no project gave ten faults in {SECONDS} s; record more of them")
    return [
        Figure(
            f"{name}, {regime}",
            mean(rows, project_set, regime, method, key),
            of=f"{project_set}, {method}" if method != "history" else project_set,
            within=DRIFT,
            target=AIMS.get((regime, key)) if method == "history" else None,
            direction="at least",
        )
        for key, name in SCORES.items()
        for regime in REGIMES
        for project_set in SETS
        for method in (*METHODS, "twins kept")
        if any(row["set"] == project_set for row in rows)
    ]


def mean(rows: list[dict[str, Any]], project_set: str, regime: str, method: str, key: str) -> float:
    """Return the mean of a score over the projects of a set."""
    chosen = (project_set, regime, method)
    values: list[float] = [
        row[key] for row in rows if (row["set"], row["regime"], row["method"]) == chosen
    ]
    return statistics.mean(values)


def score_all(episodes: int) -> list[dict[str, Any]]:
    """Score every method in every regime, on every project with enough recorded faults."""
    rows = []
    for name in PROJECTS:
        if not (CACHE / "failures" / f"{name}.jsonl").exists():
            continue
        faults, twins = load(name, alike=False), load(name, alike=True)
        if len(faults) < CAUSES:
            continue
        progress.step(f"scoring: {name}")
        project_set = "development" if name in DEVELOPMENT else "acceptance"
        for regime in REGIMES:
            row = {"project": name, "set": project_set, "regime": regime, "faults": len(faults)}
            for label, method in METHODS.items():
                rows.append({**row, "method": label, **score(faults, method, episodes, regime)})
            kept = score(twins, METHODS["history"], episodes, regime)
            rows.append({**row, "method": "twins kept", **kept})
    return rows
