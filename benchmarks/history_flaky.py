"""Test history, flakiness: precision and recall of the verdicts.

A replay of 2,000 tests. Rates follow the quartiles of 811 real flaky tests (FlakeFlagger: median
0.7 %, quartiles 0.04 % and 17 %). Regressions come with 12 % of commits and last until fixed; 30 %
of commits are run twice; 1 % of runs are outages that fail 30 % of the tests. Histories that are
not flaky are judged too: each alarm on one is false.
"""

import itertools
import math
import random

from benchmarks.framework import progress
from benchmarks.framework.figures import Figure, Options
from hangar_devkit.history.analysis.flakiness import Attempt, judge, outages
from hangar_devkit.history.records import FAILED, PASSED, XFAILED

ROUNDS = 3  # seeds
LENGTHS = (50, 100, 200)  # runs of a history
SCORES = {  # name of the figure: key, target at 100 runs
    "precision": ("precision", 0.99),
    "recall of observable flakiness": ("recall_observable", 0.95),
    "recall of all flakiness": ("recall_all", None),
    "rates inside the reported interval": ("interval_covers", 0.95),
}


def figures(options: Options) -> list[Figure]:
    """Replay histories of three lengths."""
    rounds = options.rounds or ROUNDS
    replays = {runs: replay_all(runs, rounds) for runs in LENGTHS}
    alarms = never_flaky()
    count = sum(alarm != "none" for alarm in alarms.values())
    return [
        *(
            Figure(
                name,
                scores[key],
                of=f"{runs} runs",
                target=target if runs == 100 else None,
                direction="at least",
            )
            for name, (key, target) in SCORES.items()
            for runs, scores in replays.items()
        ),
        Figure("false alarms", count, of=f"{len(alarms)} histories that are not flaky", target=0),
    ]


def replay_all(runs: int, seeds: int) -> dict[str, float]:
    """Replay histories of one length and return their scores."""
    sums: dict[str, float] = {}
    for seed in range(seeds):
        progress.step(f"{runs} runs, seed {seed + 1} of {seeds}")
        for name, value in replay(seed, runs).items():
            sums[name] = sums.get(name, 0) + value
    return {
        "precision": round(sums["right"] / max(sums["called"], 1), 4),
        "recall_observable": round(sums["found"] / max(sums["observable"], 1), 4),
        "recall_all": round(sums["right"] / max(sums["flaky"], 1), 4),
        "interval_covers": round(sums["covered"] / max(sums["judged"], 1), 4),
    }


def rate(pick: random.Random) -> float:
    """Draw a rate, log-linear between the published quartiles."""
    points = [(0.0, 0.0001), (0.25, 0.0004), (0.5, 0.007), (0.75, 0.17), (1.0, 0.9)]
    quantile = pick.random()
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if quantile <= x1:
            share = (quantile - x0) / (x1 - x0)
            return math.exp(math.log(y0) + share * (math.log(y1) - math.log(y0)))
    return points[-1][1]


def replay(seed: int, runs: int, tests: int = 2000, modules: int = 60) -> dict[str, float]:
    """Replay a project's history and judge every test of it."""
    pick = random.Random(seed)
    flaky = {t: rate(pick) for t in range(tests) if pick.random() < 0.036}
    reach = [frozenset(pick.sample(range(modules), 6)) for _ in range(tests)]
    version = [0] * modules
    broken: dict[int, int] = {}  # test -> commits until it is fixed
    history: dict[int, list[Attempt]] = {t: [] for t in range(tests)}
    outage: set[int] = set()
    failed: set[int] = set()
    commit = True
    for run in range(runs):
        if commit:
            for module in pick.sample(range(modules), 1):
                version[module] += 1
                if pick.random() < 0.12:
                    for t in range(tests):
                        if module in reach[t] and pick.random() < 0.1:
                            broken[t] = pick.randint(1, 5)
            for t in list(broken):
                broken[t] -= 1
                if broken[t] < 0:
                    del broken[t]
                    version[min(reach[t])] += 1
        down = pick.random() < 0.01
        if down:
            outage.add(run)
        for t in range(tests):
            probability = t in flaky and pick.random() < flaky[t]
            if probability and not down and t not in broken:
                failed.add(t)
            bad = t in broken or probability
            bad = bad or (down and pick.random() < 0.3)
            key = hash(tuple(version[m] for m in sorted(reach[t]))) or 1
            history[t].append(Attempt(run, 0, FAILED if bad else PASSED, key))
        commit = pick.random() >= 0.3 or not commit
    return _score(history, flaky, failed, outage, runs, tests)


def _score(
    history: dict[int, list[Attempt]],
    flaky: dict[int, float],
    failed: set[int],
    outage: set[int],
    runs: int,
    tests: int,
) -> dict[str, float]:
    contradicted: dict[int, int] = {}
    for attempts in history.values():
        passing = {a.key for a in attempts if a.outcome == PASSED}
        for a in attempts:
            if a.outcome == FAILED and a.key in passing:
                contradicted[a.run] = contradicted.get(a.run, 0) + 1
    left_out = outages(contradicted, dict.fromkeys(range(runs), tests))
    called = {t for t, attempts in history.items() if judge(attempts, left_out).verdict == "flaky"}
    seen = {
        t
        for t in failed  # failed by probability, and passed, outside outages
        if len({a.outcome for a in history[t] if a.run not in outage}) == 2
    }
    covered = total = 0
    for t, rate in flaky.items():
        if t in called:
            verdict = judge(history[t], left_out)
            total += 1
            covered += verdict.low <= rate <= verdict.high
    right = len(called & set(flaky))
    return {
        "called": len(called),
        "right": right,
        "flaky": len(flaky),
        "observable": len(seen),
        "found": len(called & seen),
        "covered": covered,
        "judged": total,
    }


def never_flaky() -> dict[str, str]:
    """Return the verdicts on histories that are not flaky, at every length of each of them."""
    p, f, x = PASSED, FAILED, XFAILED
    cases = {
        "regression, then fix": [(p, 1)] * 20 + [(f, 2)] * 20 + [(p, 3)] * 20,
        "regression alone": [(p, 1)] * 20 + [(f, 2)] * 20,
        "subtest that always fails": [(f, 1)] * 10 + [(f, 2)] * 10,
        "dependency bump": [(p, 1)] * 20 + [(f, 2)] * 3 + [(p, 3)] * 10,
        "flag flip that no key shows": [(p, 1)] * 20 + [(f, 1)] * 20,
        "flag flipped and back": [(p, 1)] * 10 + [(f, 1)] * 10 + [(p, 1)] * 10,
        "expected failure": [(x, 1), (p, 1)] * 10,
        "expected failure, always": [(x, 1)] * 20,
    }
    alarms: dict[str, str] = {}
    for name, steps in cases.items():
        attempts = [Attempt(i, 0, outcome, key) for i, (outcome, key) in enumerate(steps)]
        verdicts = {judge(attempts[:n]).verdict for n in range(1, len(attempts) + 1)}
        alarms[name] = "ALARM" if "flaky" in verdicts else "none"
    quiet = [Attempt(i, 0, f if i == 7 else p, 1) for i in range(20)]
    alarms["outage"] = "ALARM" if judge(quiet, {7}).verdict == "flaky" else "none"
    return alarms
