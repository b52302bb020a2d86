"""Test history, error classes: how well failures are grouped by their cause.

An episode mixes ten faults of one project; each is active in 2 to 8 of 20 runs of its own test
suite, and a test that two of them hit shows one at random. The truth is the fault behind each
failure. Faults with the same effect on every test, down to each message, count as one; a second
score counts them separately, though nothing that was recorded tells them apart. The failures are
recorded first, unless `HANGAR_BENCH_CACHE` has them: a small sample here; `python -m
benchmarks.experiments.record_faults` records all projects. Acceptance projects were named before
anything was measured on them.
"""

import statistics
import sys
from typing import Any

from benchmarks.experiments.group_failures import CAUSES, METHODS, load, score
from benchmarks.experiments.record_faults import CACHE, DEVELOPMENT, PROJECTS
from benchmarks.framework import commands, progress
from benchmarks.framework.figures import ROOT, Figure, Options, Skipped

ROUNDS = 20  # episodes
SAMPLE = ("cachetools", "markupsafe", "boltons")
FAULTS, SECONDS = 15, 75  # of each project of the sample
DRIFT = 0.05  # the number of faults recorded within the time varies
SCORES = {"ari": ("adjusted Rand index", 0.92), "b3_f1": ("B-cubed F1", 0.95)}
LABELS = {
    "shipped": "",
    "shipped, alike kept": ", faults with the same effect counted separately",
    "fingerprint": ", by fingerprint alone",
}


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
    return [figure for key in SCORES for figure in (*means(rows, key), *projects(rows, key))]


def means(rows: list[dict[str, Any]], key: str) -> list[Figure]:
    """Make the figures of the mean of a score, of each method and set of projects."""
    name, target = SCORES[key]
    return [
        Figure(
            f"{name}, mean of the projects",
            statistics.mean(
                row[key] for row in rows if (row["method"], row["set"]) == (method, of)
            ),
            of=of + suffix,
            within=DRIFT,
            target=None if suffix else target,
            direction="at least",
        )
        for method, suffix in LABELS.items()
        for of in sorted({row["set"] for row in rows if row["method"] == method}, reverse=True)
    ]


def projects(rows: list[dict[str, Any]], key: str) -> list[Figure]:
    """Make the figures of a score, of each method and project."""
    name, target = SCORES[key]
    return [
        Figure(
            f"{name}, each project",
            row[key],
            of=f"{row['project']} ({row['set']}){suffix}",
            within=DRIFT,
            target=None if suffix else target,
            direction="at least",
        )
        for method, suffix in LABELS.items()
        for row in rows
        if row["method"] == method
    ]


def score_all(episodes: int) -> list[dict[str, Any]]:
    """Score every method on every project with enough recorded faults."""
    rows = []
    for name in PROJECTS:
        if (CACHE / "failures" / f"{name}.jsonl").exists():
            progress.step(f"scoring: {name}")
            project_set = "development" if name in DEVELOPMENT else "acceptance"
            for label, method, alike in METHODS:
                faults = load(name, alike=alike)
                if len(faults) >= CAUSES:
                    scores = score(faults, method, episodes)
                    rows.append({"project": name, "set": project_set, "method": label, **scores})
    return rows
