"""Test history, a live suite of flaky tests: which are found, and whether their kind is told.

A suite with seeded tests of the kinds that the IDoFT list has (victim, brittle, non-idempotent,
race, clock, time zone, hash order, unseeded random, taken port, file order) beside sound ones runs
a hundred times, every other time shuffled, under other clocks, zones and loads. The same people
seeded it and wrote what tells the kinds: it shows what can be told, not how often it will be.
"""

from typing import Any

from bench.figures import DRIFT, Figure, Options
from bench.projects import experiment

RUNS = 100
SCORES = {
    "precision": ("verdicts that are right", 1.0),
    "recall": ("found, of those that fail in 5 % of runs or more", 0.9),
    "kind": ("kind told and right, of those found", 0.7),
    "kind_of_told": ("kind right, where one is told", None),
    "kind_without_sources": ("kind told and right, without a look at the sources", None),
}


def figures(options: Options) -> list[Figure]:
    """Run the suite and score what the history says."""
    return as_figures(experiment("history/kinds.py", f"--runs={options.rounds or RUNS}"))


def as_figures(told: dict[str, Any]) -> list[Figure]:
    """Turn the scores into figures."""
    found = [
        Figure(name, told[score], within=DRIFT, target=target, direction="at least")
        for score, (name, target) in SCORES.items()
    ]
    # Races do as they like: of each kind, another run may tell one test more or fewer.
    found += [
        Figure("kind told and right", right / max(count, 1), of=kind, within=1 / max(right, 1))
        for kind, (right, count) in told["each"].items()
    ]
    return [*found, Figure("flaky tests in the suite", told["seeded"])]
